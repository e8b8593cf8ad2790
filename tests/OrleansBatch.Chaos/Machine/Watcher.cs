using System.Diagnostics;

namespace OrleansBatch.Chaos.Machine;

/// <summary>A small shell beside the run: when the run dies without a word, it has all cleared that the run left.</summary>
/// <remarks>It hears of it by the end of a pipe, which the kernel closes with this process.</remarks>
internal sealed class Watcher : IAsyncDisposable
{
    private const string Script = "read -r word; [ \"$word\" = done ] || exec dotnet \"$0\" clear \"$1\"";

    private readonly Process _shell;

    public Watcher(string folder) => _shell = Process.Start(new ProcessStartInfo("setsid", ["sh", "-c", Script, typeof(Watcher).Assembly.Location, folder])
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        WorkingDirectory = "/",
    })!;

    /// <summary>Ends when it has ended.</summary>
    public Task Ended => _shell.WaitForExitAsync();

    /// <summary>What the kernel does when this process dies: closes the pipe.</summary>
    public void Abandon() => _shell.StandardInput.Close();

    public async ValueTask DisposeAsync()
    {
        await _shell.StandardInput.WriteAsync("done\n");
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
    }
}
