using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansBatch.EndToEnd.Tests;

/// <summary>The installed <c>aws</c> command, loaded once by its own Python: each call is a fork, which costs a fraction of a start.</summary>
internal sealed class AwsForks
{
    private static readonly Lazy<AwsForks?> Shared = new(TryStart);

    private readonly Process _process;
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _asked = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("orleansbatch-aws-").FullName;
    private int _last;

    private AwsForks(Process process)
    {
        _process = process;
        _ = Task.Run(ReadAsync);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            process.StandardInput.Close();
            Directory.Delete(_folder, recursive: true);
        };
    }

    /// <summary>All calls of this test run; null where the command is not a script of Python.</summary>
    public static AwsForks? Instance => Shared.Value;

    /// <summary>Runs a command to its end.</summary>
    public async Task<(int ExitCode, string Output, string Error)> TryAsync(string[] arguments)
    {
        var id = Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture);
        var asked = new Ask(id, arguments, Path.Combine(_folder, id));
        var answered = _asked[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_asked)
        {
            _process.StandardInput.WriteLine(JsonSerializer.Serialize(asked));
            _process.StandardInput.Flush();
        }

        await answered.Task.WaitAsync(ForeignProgram.Patience);
        var answer = JsonSerializer.Deserialize<Answer>(await File.ReadAllTextAsync(asked.Result))!;
        return (answer.Code, answer.Output, answer.Error);
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } id)
        {
            _asked.TryRemove(id, out var answered);
            answered!.SetResult();
        }

        foreach (var answered in _asked.Values)
        {
            answered.TrySetException(new InvalidOperationException("The loaded aws command has ended."));
        }
    }

    private static AwsForks? TryStart() => FindPython(Which("aws")) is { } python
        ? new(new ForeignProgram(python, new Dictionary<string, string>()).Start(redirectsInput: true, Path.Combine(ClientTests.Scripts, "python", "aws_forks.py")))
        : null;

    /// <summary>The interpreter of the command; null: it is a program of another kind.</summary>
    private static string? FindPython(string? command)
    {
        if (command is null || File.ReadLines(command).FirstOrDefault() is not ['#', '!', .. var line])
        {
            return null;
        }

        if (Path.GetFileName(line).StartsWith("python", StringComparison.Ordinal))
        {
            return line;
        }

        // A wrapper of a version manager says which command it stands for.
        using var which = Which("pyenv") is null ? null : Process.Start(new ProcessStartInfo("pyenv", ["which", "aws"]) { RedirectStandardOutput = true });
        return which?.StandardOutput.ReadLine() is { } found && found != command ? FindPython(found) : null;
    }

    private static string? Which(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    private sealed record Ask(
        [property: JsonPropertyName("id")] string Id, [property: JsonPropertyName("arguments")] string[] Arguments, [property: JsonPropertyName("result")] string Result);

    private sealed record Answer(
        [property: JsonPropertyName("code")] int Code, [property: JsonPropertyName("output")] string Output, [property: JsonPropertyName("error")] string Error);
}
