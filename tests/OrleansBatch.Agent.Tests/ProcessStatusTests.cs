using OrleansBatch.Processes;

namespace OrleansBatch.Agent.Tests;

public sealed class ProcessStatusTests
{
    [Fact]
    public void A_name_with_brackets_and_blanks_does_not_confuse() =>
        Assert.Equal(
            new ProcessStatus(4, 5, 6, 'S', 22),
            ProcessStatus.Parse("1 (a) Z 9 (b) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23"u8));

    [Theory]
    [InlineData("")]
    [InlineData("1 (a) S 2 3")]
    [InlineData("1 (a) S x 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23")]
    public void Half_a_line_is_none(string line) => Assert.Null(ProcessStatus.Parse(line));

    [Fact]
    public void This_process_is_alive_and_another_start_of_its_number_is_not()
    {
        var own = ProcessStatus.Read(Environment.ProcessId)!.Value;

        Assert.True(new ProcessIdentity(Environment.ProcessId, own.StartTicks).IsAlive);
        Assert.False(new ProcessIdentity(Environment.ProcessId, own.StartTicks + 1).IsAlive);
    }

    [Fact]
    public async Task A_process_is_started_between_two_looks_at_the_clock()
    {
        var output = Path.Combine(Path.GetTempPath(), $"start-{Guid.NewGuid():N}");
        using var launcher = new ProcessLauncher();
        for (var i = 0; i < 20; i++)
        {
            var before = ProcessIdentity.TicksSinceBoot();
            launcher.Start(
                new() { Path = "/bin/sleep", Arguments = ["sleep", "1000"], Environment = [], WorkingDirectory = "/", OutputPath = output },
                out var pid);
            var after = ProcessIdentity.TicksSinceBoot();

            Assert.InRange(ProcessStatus.Read(pid)!.Value.StartTicks, before, after);

            ProcessSignal.Send(pid, ProcessSignal.Kill);
            await Eventually.True(() => ChildProcess.Reap(pid) == 137);
        }

        File.Delete(output);
    }

    [Fact]
    public void A_lock_that_is_held_is_seen_by_everyone()
    {
        var path = Path.Combine(Path.GetTempPath(), $"lock-{Guid.NewGuid():N}");
        using (KernelLock.TryTake(path))
        {
            Assert.Null(KernelLock.TryTake(path));
        }

        using var again = KernelLock.TryTake(path);
        Assert.NotNull(again);
        File.Delete(path);
    }
}
