using System.Diagnostics;

namespace OrleansBatch.EndToEnd.Tests;

/// <summary>A program that others have written, with credentials and a region in its environment as at a user's.</summary>
internal sealed class ForeignProgram(string name, IReadOnlyDictionary<string, string> settings)
{
    /// <summary>Whether it lies in a folder of PATH.</summary>
    public bool IsInstalled { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Any(folder => File.Exists(Path.Combine(folder, name)))
        || (name.StartsWith('/') && File.Exists(name));

    /// <summary>After that a program hangs: what it has said so far is worth more than waiting on.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>Runs it to its end.</summary>
    public async Task<(int ExitCode, string Output, string Error)> TryAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        return (process.ExitCode, await output, await error);
    }

    /// <summary>Runs it; it must succeed. Gives what it printed.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await TryAsync(arguments);
        Assert.True(exitCode == 0, $"{name} {string.Join(' ', arguments)} ended with {exitCode}:\n{output}\n{error}");
        return output;
    }

    /// <summary>Starts it.</summary>
    public Process Start(params string[] arguments) => Start(redirectsInput: false, arguments);

    /// <summary>Starts it, and may write to it; then what it complains of is seen among what the tests print.</summary>
    public Process Start(bool redirectsInput, params string[] arguments)
    {
        var start = new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true, RedirectStandardError = !redirectsInput, RedirectStandardInput = redirectsInput };
        start.Environment["AWS_ACCESS_KEY_ID"] = "test";
        start.Environment["AWS_SECRET_ACCESS_KEY"] = "test";
        start.Environment["AWS_DEFAULT_REGION"] = "us-east-1";
        start.Environment["AWS_REGION"] = "us-east-1";
        start.Environment["AWS_PAGER"] = "";
        start.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        foreach (var (variable, value) in settings)
        {
            start.Environment[variable] = value;
        }

        return Process.Start(start)!;
    }
}
