using CsCheck;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.JobQueues;

namespace OrleansBatch.Grains.Tests.JobQueues;

public sealed class WaitingLineTests
{
    private readonly WaitingLine _line = new();

    [Fact]
    public void A_child_that_is_put_back_stands_before_the_children_after_it()
    {
        _line.Add(Array(size: 3));
        Assert.True(_line.TakeOut(Child(0)));
        Assert.True(_line.TakeOut(Child(1)));

        _line.PutBack(Child(0));

        Assert.Equal([0, 2], _line.InOrder(default).Select(job => job.Index));
    }

    [Fact]
    public void A_child_that_is_put_back_when_its_array_has_left_stands_by_itself()
    {
        _line.Add(Array(size: 1));
        Assert.True(_line.TakeOut(Child(0)));

        _line.PutBack(Child(0));

        Assert.Equal([0], _line.InOrder(default).Select(job => job.Index));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_job_that_is_to_be_tried_again_before_its_placing_was_heard_of_is_not_forgotten(bool isPutBack)
    {
        var job = Child(0);
        _line.Add(job);
        Assert.True(_line.TakeOut(job));

        _line.Add(job with { TriedBefore = true });
        Assert.True(_line.IsEmpty);
        if (isPutBack)
        {
            _line.PutBack(job);
        }
        else
        {
            _line.Placed(job);
        }

        Assert.True(Assert.Single(_line.InOrder(default)).TriedBefore);
    }

    [Fact]
    public void A_job_that_came_a_second_time_while_it_was_being_placed_does_not_come_back()
    {
        _line.Add(Child(0));
        Assert.True(_line.TakeOut(Child(0)));

        _line.Add(Child(0));
        _line.Placed(Child(0));

        Assert.True(_line.IsEmpty);
    }

    [Fact]
    public void What_waits_is_counted_with_every_move() => Gen.Select(Gen.Int[0, 5], Gen.Int[0, 4], Gen.Bool).Array[1, 40].Sample(moves =>
    {
        var line = new WaitingLine();
        foreach (var (move, which, tried) in moves)
        {
            var job = which switch
            {
                < 3 => Array(size: 3) with { JobId = $"array:{which}", Index = which, ArraySize = 0, TriedBefore = tried },
                3 => Array(size: 3),
                _ => Array(size: 3) with { JobId = "single", Sequence = 9, ArraySize = 0, TriedBefore = tried, Needs = new() { VcpuMillis = 2_000 } },
            };
            switch (move)
            {
                case 0:
                    line.Add(job);
                    break;
                case 1:
                    line.Remove(job);
                    break;
                case 2 when line.InOrder(default).FirstOrDefault(waiting => waiting.JobId == job.JobId) is { } waiting:
                    _ = line.TakeOut(waiting);
                    break;
                case 3 when job.ArraySize == 0:
                    line.PutBack(job);
                    break;
                case 4 when job.ArraySize == 0:
                    line.LetGo(job);
                    break;
                default:
                    line.Placed(job);
                    break;
            }

            var counted = line.InOrder(default).GroupBy(waiting => waiting.Needs).ToList();
            foreach (var alike in counted)
            {
                var groups = line.Counts.Groups(alike.First(), 10);
                Assert.Equal(alike.Count(), groups[0].Count);
                Assert.Equal(counted.Count, groups.Length);
            }

            Assert.Equal(counted.Count == 0, line.IsEmpty);
        }
    });

    private static QueueEntry Array(int size) => Child(-1) with { JobId = "array", ArraySize = size };

    private static QueueEntry Child(int index) =>
        new() { JobId = $"array:{index}", Sequence = 7, TriedBefore = false, Needs = new() { VcpuMillis = 1000 }, Index = index };
}
