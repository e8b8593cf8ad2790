using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace OrleansBatch.Client.Tests;

/// <summary>The built program as a user starts it.</summary>
internal sealed class ConsoleProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _out;
    private readonly Task<string> _error;

    private ConsoleProcess(Process process)
    {
        _process = process;
        _out = process.StandardOutput.ReadToEndAsync();
        _error = process.StandardError.ReadToEndAsync();
    }

    private static string ProgramPath { get; } = Path.GetFullPath(
        typeof(ConsoleProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "ConsolePath").Value!);

    public static ConsoleProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        // A background job of a shell hands on an ignored SIGINT: Ctrl-C would never reach the program.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", ProgramPath, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new(process);
    }

    public static async Task<Outcome> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        return await process.EndAsync();
    }

    /// <summary>Ctrl-C.</summary>
    public async Task InterruptAsync()
    {
        using var kill = Process.Start("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async Task<Outcome> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60));
        return new(_process.ExitCode, await _out, await _error);
    }

    public void Dispose() => _process.Dispose();
}
