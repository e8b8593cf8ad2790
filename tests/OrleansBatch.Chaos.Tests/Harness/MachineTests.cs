using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OrleansBatch.Chaos.Machine;
using OrleansBatch.Chaos.Members;
using OrleansBatch.Chaos.Network;

namespace OrleansBatch.Chaos.Tests.Harness;

/// <summary>Faults really strike, and nothing outlives a run.</summary>
public sealed class MachineTests
{
    [Fact]
    public async Task A_killed_and_a_stopped_program_are_seen_to_be()
    {
        await using var folder = await RunFolder.CreateAsync();
        using var spawner = new Spawner();
        var program = Sleeper(spawner, folder);
        Assert.Equal((false, "it did not run"), await program.KillAsync());
        await program.StartAsync();
        await program.ReadyAsync();
        Assert.True((await program.PauseAsync()).Struck);
        Assert.True(Proc.IsStopped(program.Pid));
        program.Resume();
        var pid = program.Pid;
        Assert.True((await program.KillAsync()).Struck);
        Assert.False(Proc.IsAlive(pid));
        await program.StartAsync();
        await program.ReadyAsync();
        Assert.True((await program.StopAsync(TimeSpan.FromSeconds(30))).Struck);
    }

    [Fact]
    public async Task Nothing_that_runs_in_a_run_s_folder_outlives_it()
    {
        using var spawner = new Spawner();
        int pid;
        string path;
        await using (var folder = await RunFolder.CreateAsync())
        {
            path = folder.FullPath;
            var program = Sleeper(spawner, folder);
            await program.StartAsync();
            await program.ReadyAsync();
            pid = program.Pid;
        }

        Assert.False(Proc.IsAlive(pid));
        Assert.False(Directory.Exists(path));
    }

    [Fact]
    public async Task A_watcher_clears_what_a_dead_run_left()
    {
        await using var folder = await RunFolder.CreateAsync();
        using var spawner = new Spawner();
        var program = Sleeper(spawner, folder);
        await program.StartAsync();
        await program.ReadyAsync();
        var pid = program.Pid;
        var watcher = new Watcher(folder.FullPath);
        watcher.Abandon();
        await watcher.Ended;
        Assert.False(Proc.IsAlive(pid));
        Assert.False(Directory.Exists(folder.FullPath));
    }

    [Fact]
    public async Task Packets_between_two_that_are_cut_off_are_dropped_and_counted_and_flow_again()
    {
        Assert.SkipWhen(Hub.WhyNot is not null, Hub.WhyNot ?? "");
        await using var folder = await RunFolder.CreateAsync();
        using var spawner = new Spawner();
        var (hub, why) = await Hub.CreateAsync(folder.Name);
        Assert.SkipWhen(hub is null, why ?? "");
        var one = await hub!.AddAsync("one");
        _ = await hub.AddAsync("two");

        // A listener in the first one's namespace: the harness reaches it, and so does the second.
        var script = "import socket; s = socket.create_server(('0.0.0.0', 4000)); [c.close() for c in iter(lambda: s.accept()[0], None)]";
        Assert.SkipWhen(!Tool.Exists("python3"), "python3 is needed as a listener.");
        var listener = new ChildProgram(
            spawner, "one", Path.Combine(folder.FullPath, "log"), new Dictionary<string, string>(),
            [.. hub.Enter("one"), "python3", "-c", script, folder.FullPath + "/"], () => ReachesAsync(one));
        await listener.StartAsync();
        await listener.ReadyAsync();
        Assert.True(await SecondReachesAsync(hub, one));

        var cut = await hub.CutAsync("one", "two");
        Assert.False(await SecondReachesAsync(hub, one));
        Assert.True(await cut.DroppedAsync() > 0);
        Assert.True(await ReachesAsync(one));

        await cut.HealAsync();
        Assert.True(await SecondReachesAsync(hub, one));
    }

    private static ChildProgram Sleeper(Spawner spawner, RunFolder folder)
    {
        var mark = Path.Combine(folder.FullPath, "up");
        return new(
            spawner, "sleeper", Path.Combine(folder.FullPath, "log"), new Dictionary<string, string>(),
            ["sh", "-c", "touch \"$0\"; exec tail -f \"$0\"", mark], () => Task.FromResult(File.Exists(mark)));
    }

    private static async Task<bool> ReachesAsync(string address)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Parse(address), 4000).WaitAsync(TimeSpan.FromSeconds(5));
            return true;
        }
        catch (Exception exception) when (exception is SocketException or TimeoutException)
        {
            return false;
        }
    }

    private static async Task<bool> SecondReachesAsync(Hub hub, string address)
    {
        string[] command = [.. hub.Enter("two"), "python3", "-c", $"import socket; socket.create_connection(('{address}', 4000), 1)"];
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0;
    }
}
