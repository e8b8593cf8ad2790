using System.Threading.Channels;

namespace OrleansBatch.Grains.Tests;

public sealed class SharedReadsTests
{
    private readonly Channel<TaskCompletionSource<int>> _begun = Channel.CreateUnbounded<TaskCompletionSource<int>>();
    private readonly SharedReads<string, int> _reads;

    public SharedReadsTests() => _reads = new(key =>
    {
        TaskCompletionSource<int> answer = new();
        Assert.True(_begun.Writer.TryWrite(answer));
        return answer.Task;
    });

    [Fact]
    public async Task A_read_begins_at_once_when_none_of_its_key_is_under_way()
    {
        var a = _reads.ReadAsync("a");
        var b = _reads.ReadAsync("b");
        var (readOfA, readOfB) = (await BegunAsync(), await BegunAsync());
        readOfB.SetResult(2);
        Assert.Equal(2, await b);
        readOfA.SetResult(1);
        Assert.Equal(1, await a);
    }

    [Fact]
    public async Task Those_who_come_during_a_read_share_the_next_and_never_join_the_one_under_way()
    {
        var first = _reads.ReadAsync("a");
        var (second, third) = (_reads.ReadAsync("a"), _reads.ReadAsync("a"));
        (await BegunAsync()).SetResult(1);
        Assert.Equal(1, await first);

        var next = await BegunAsync();
        var fourth = _reads.ReadAsync("a");
        Assert.False(_begun.Reader.TryRead(out _));
        next.SetResult(2);
        Assert.Equal(2, await second);
        Assert.Equal(2, await third);

        (await BegunAsync()).SetResult(3);
        Assert.Equal(3, await fourth);
    }

    [Fact]
    public async Task A_failed_read_fails_those_who_wait_for_it_and_no_others()
    {
        var first = _reads.ReadAsync("a");
        var second = _reads.ReadAsync("a");
        (await BegunAsync()).SetException(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(() => first);
        (await BegunAsync()).SetResult(2);
        Assert.Equal(2, await second);
    }

    [Fact]
    public async Task After_all_have_been_answered_the_next_caller_begins_anew()
    {
        var first = _reads.ReadAsync("a");
        (await BegunAsync()).SetResult(1);
        Assert.Equal(1, await first);
        var second = _reads.ReadAsync("a");
        (await BegunAsync()).SetResult(2);
        Assert.Equal(2, await second);
    }

    private ValueTask<TaskCompletionSource<int>> BegunAsync() => _begun.Reader.ReadAsync(TestContext.Current.CancellationToken);
}
