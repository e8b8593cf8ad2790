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
        program.Start();
        await program.ReadyAsync();
        Assert.True((await program.PauseAsync()).Struck);
        Assert.True(Proc.IsStopped(program.Pid));
        program.Resume();
        var pid = program.Pid;
        Assert.True((await program.KillAsync()).Struck);
        Assert.False(Proc.IsAlive(pid));
        program.Start();
        await program.ReadyAsync();
        Assert.True((await program.StopAsync(TimeSpan.FromSeconds(30))).Struck);
    }

    [Theory]
    [InlineData("exit 0", true)]
    [InlineData("exit 1", false)]
    [InlineData("trap - TERM; kill -TERM $$", false)]
    public async Task A_program_that_was_told_to_stop_has_stopped_in_order_with_exit_code_0_only(string onTerm, bool inOrder)
    {
        await using var folder = await RunFolder.CreateAsync();
        using var spawner = new Spawner();
        var program = Sleeper(spawner, folder, onTerm);
        program.Start();
        await program.ReadyAsync();
        Assert.Equal(inOrder, (await program.StopAsync(TimeSpan.FromMinutes(1))).Struck);
        program.Revive();
        Assert.False(program.IsUp);
        Assert.Empty(program.OwnEnds);
    }

    [Fact]
    public async Task A_program_that_ended_by_itself_is_started_again_and_that_is_told()
    {
        await using var folder = await RunFolder.CreateAsync();
        using var spawner = new Spawner();
        var program = Sleeper(spawner, folder, "exit 7");
        program.Start();
        await program.ReadyAsync();
        Assert.True(Proc.Signal(program.Pid, Proc.Terminate));
        while (program.OwnEnds.Count == 0)
        {
            program.Revive();
            await Task.Yield();
        }

        Assert.Equal([7], program.OwnEnds);
        Assert.True(program.IsUp);
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
            program.Start();
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
        program.Start();
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
        listener.Start();
        await listener.ReadyAsync();
        Assert.True(await SecondReachesAsync(hub, one));

        var cut = await hub.CutAsync("one", "two");
        Assert.False(await SecondReachesAsync(hub, one));
        Assert.True(await cut.DroppedAsync() > 0);
        Assert.True(await ReachesAsync(one));

        await cut.HealAsync();
        Assert.True(await SecondReachesAsync(hub, one));
    }

    private static ChildProgram Sleeper(Spawner spawner, RunFolder folder, string onTerm = "exit 0")
    {
        var mark = Path.Combine(folder.FullPath, "up");
        ChildProgram? program = null;
        return program = new(
            spawner, "sleeper", Path.Combine(folder.FullPath, "log"), new Dictionary<string, string>(),
            ["sh", "-c", $"trap 'kill $!; {onTerm}' TERM; tail -f /dev/null \"$0/\" & echo $$ >\"$0/up\"; wait", folder.FullPath],
            () => Task.FromResult(File.Exists(mark) && File.ReadAllText(mark).Trim() == $"{program!.Pid}"));
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
