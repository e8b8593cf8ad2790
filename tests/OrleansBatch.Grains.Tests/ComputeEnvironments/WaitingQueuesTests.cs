using OrleansBatch.Grains.ComputeEnvironments;

namespace OrleansBatch.Grains.Tests.ComputeEnvironments;

public sealed class WaitingQueuesTests
{
    private readonly List<string> _woken = [];

    [Fact]
    public async Task The_highest_priority_looks_first_then_the_oldest_head_then_the_name()
    {
        var queues = Queues(_ => { });
        queues.Add("low", 1, 1);
        queues.Add("young", 5, 9);
        queues.Add("b", 5, 3);
        queues.Add("a", 5, 3);

        await queues.WalkAsync();

        Assert.Equal(["a", "b", "young", "low"], _woken);
        Assert.Equal(0, queues.Count);
    }

    [Fact]
    public async Task Capacity_that_comes_free_during_a_walk_is_offered_from_the_first_on_again()
    {
        WaitingQueues? queues = null;
        queues = Queues(queue =>
        {
            if (queue == "first" && _woken.Count == 1)
            {
                // It finds nothing and waits on; then something comes free.
                queues!.Add("first", 2, 1);
                _ = queues.WalkAsync();
            }
        });
        queues.Add("first", 2, 1);
        queues.Add("second", 1, 1);

        await queues.WalkAsync();

        Assert.Equal(["first", "first", "second"], _woken);
    }

    [Fact]
    public async Task Who_looks_before_its_turn_sees_nothing_of_what_came_free_meanwhile()
    {
        List<bool> heldBack = [];
        WaitingQueues? queues = null;
        queues = Queues(queue =>
        {
            heldBack.Add(queues!.IsHeldBack);
            if (_woken.Count == 1)
            {
                queues.Add("first", 2, 1);
                _ = queues.WalkAsync();
                heldBack.Add(queues.IsHeldBack);
            }
        });
        queues.Add("first", 2, 1);

        await queues.WalkAsync();

        Assert.Equal([false, true, false], heldBack);
        Assert.False(queues.IsHeldBack);
    }

    [Fact]
    public async Task Capacity_that_comes_free_without_a_pause_does_not_keep_the_last_queue_from_looking()
    {
        WaitingQueues? queues = null;
        queues = Queues(queue =>
        {
            if (queue == "first")
            {
                queues!.Add("first", 2, 1);
                if (!_woken.Contains("last"))
                {
                    _ = queues.WalkAsync();
                }
            }
        });
        queues.Add("first", 2, 1);
        queues.Add("last", 1, 1);

        await queues.WalkAsync();

        Assert.Contains("last", _woken);
    }

    [Fact]
    public async Task A_queue_that_waits_no_more_is_not_woken()
    {
        var queues = Queues(_ => { });
        queues.Add("gone", 2, 1);
        queues.Add("here", 1, 1);
        queues.Remove("gone");

        await queues.WalkAsync();

        Assert.Equal(["here"], _woken);
    }

    private WaitingQueues Queues(Action<string> wake) => new(queue =>
    {
        _woken.Add(queue);
        wake(queue);
        return Task.CompletedTask;
    });
}
