using Microsoft.Extensions.Time.Testing;

namespace OrleansBatch.Agent.Tests;

public sealed class EventuallyTests
{
    [Fact]
    public async Task What_is_true_needs_no_waiting() => await Eventually.True(() => true, new FakeTimeProvider(), "truth");

    [Fact]
    public async Task It_looks_again_until_it_is_true()
    {
        var clock = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };
        var looks = 0;
        var waiting = Eventually.True(() => ++looks == 3, clock, "third look");
        while (!waiting.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        await waiting;
        Assert.Equal(3, looks);
    }

    [Fact]
    public async Task It_gives_up_at_the_deadline_and_says_what_it_waited_for()
    {
        var clock = new FakeTimeProvider();
        var waiting = Eventually.True(() => false, clock, "a miracle");
        while (!waiting.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        var problem = await Assert.ThrowsAsync<TimeoutException>(() => waiting);
        Assert.Contains("a miracle", problem.Message, StringComparison.Ordinal);
    }
}
