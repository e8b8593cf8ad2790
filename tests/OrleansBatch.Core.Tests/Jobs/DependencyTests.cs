using OrleansBatch.Core.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using static OrleansBatch.Model.Jobs.JobStatus;

namespace OrleansBatch.Core.Tests.Jobs;

public sealed class DependencyTests
{
    private const string Other = "0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d22";

    private static readonly JobDependency OnOther = new() { JobId = Other };
    private static readonly JobDependency EachOfOther = new() { JobId = Other, Type = "N_TO_N" };
    private static readonly JobDependency Sequence = new() { Type = "SEQUENTIAL" };

    [Theory]
    [InlineData(DependencyVerdict.Met)]
    [InlineData(DependencyVerdict.Met, Succeeded)]
    [InlineData(DependencyVerdict.Met, Succeeded, Succeeded)]
    [InlineData(DependencyVerdict.Waiting, Succeeded, Running)]
    [InlineData(DependencyVerdict.Waiting, Submitted)]
    [InlineData(DependencyVerdict.Failed, Failed)]
    [InlineData(DependencyVerdict.Failed, Running, Failed)]
    [InlineData(DependencyVerdict.Failed, Failed, Succeeded)]
    public void All_must_succeed_and_one_that_failed_is_enough(DependencyVerdict expected, params JobStatus[] statuses)
    {
        var dependsOn = statuses.Select((_, i) => new JobDependency { JobId = $"{i}", Type = i == 0 ? "SEQUENTIAL" : null }).ToList();
        Assert.Equal(expected, Dependencies.Judge(dependsOn, id => statuses[int.Parse(id)]));
    }

    [Fact]
    public void A_job_that_is_gone_never_succeeds() => Assert.Equal(DependencyVerdict.Failed, Dependencies.Judge([OnOther], _ => null));

    [Fact]
    public void Ids_may_be_ARNs_of_jobs_and_children_of_the_same_scope()
    {
        var arn = $"arn:aws:batch:{AJob.Home.Region}:{AJob.Home.Account}:job/{Other}:3";
        Assert.Equal([new() { JobId = $"{Other}:3" }, Sequence], Dependencies.Read([new() { JobId = arn, Type = "" }, Sequence with { JobId = "" }], AJob.Home));
    }

    [Theory]
    [InlineData("x", "dependsOn[0].jobId 'x' is not a job id: expected a lower-case UUID.")]
    [InlineData("arn:aws:batch:mars:1:job/" + Other, "dependsOn[0].jobId: job arn:aws:batch:mars:1:job/" + Other + " does not exist")]
    [InlineData(Other + "#1", "dependsOn[0].jobId: " + Other + "#1 is one node of a multi-node parallel job: only the whole job can be waited for.")]
    public void An_id_that_can_be_no_job_is_refused(string id, string expected) =>
        Assert.Equal(expected, Assert.Throws<BatchClientException>(() => Dependencies.Read([new() { JobId = id }], AJob.Home)).Message);

    [Fact]
    public void A_job_that_does_not_exist_cannot_be_waited_for() => Assert.Equal(
        $"dependsOn[0].jobId: job {Other} does not exist",
        Assert.Throws<BatchClientException>(() => Dependencies.CheckTargets([OnOther], null, new Dictionary<string, JobRecord>())).Message);

    [Theory]
    [InlineData(3, null)]
    [InlineData(4, "dependsOn[0]: N_TO_N needs an array of the same size, 3; job " + Other + " is an array of 4.")]
    [InlineData(null, "dependsOn[0]: N_TO_N needs an array of the same size, 3; job " + Other + " is not an array.")]
    public void N_TO_N_needs_an_array_of_the_same_size(int? size, string? expected)
    {
        var found = new Dictionary<string, JobRecord> { [Other] = ASubmission.Record(AJob.In(Running)) with { JobId = Other, Spec = ASubmission.Record(AJob.In(Running)).Spec with { ArraySize = size } } };
        var thrown = Record.Exception(() => Dependencies.CheckTargets([EachOfOther], 3, found));
        Assert.Equal(expected, thrown?.Message);
    }

    [Fact]
    public void The_first_child_of_a_sequence_waits_for_none_and_the_others_for_the_one_before()
    {
        Assert.Equal(DependencyVerdict.Met, Judge([Sequence], 0));
        Assert.Equal(DependencyVerdict.Met, Judge([Sequence], 1, own: Succeeded));
        Assert.Equal(DependencyVerdict.Waiting, Judge([Sequence], 1, own: Running));
        Assert.Equal(DependencyVerdict.Failed, Judge([Sequence], 1, own: Failed));
    }

    [Fact]
    public void A_child_waits_for_its_own_of_the_other_array_and_for_the_one_before_when_both_are_asked_for()
    {
        Assert.Equal(DependencyVerdict.Met, Judge([EachOfOther], 2, other: Succeeded));
        Assert.Equal(DependencyVerdict.Failed, Judge([EachOfOther], 2, other: Failed));
        Assert.Equal(DependencyVerdict.Waiting, Judge([EachOfOther, Sequence], 2, own: Succeeded, other: Starting));
        Assert.Equal(DependencyVerdict.Met, Judge([EachOfOther, Sequence], 2, own: Succeeded, other: Succeeded));
    }

    [Fact]
    public void A_childs_description_names_the_children_that_it_waits_for()
    {
        var child = new ArrayChild { ParentId = AJob.Id, Index = 2, ParentVersion = 1 };
        Assert.Equal(
            [new() { JobId = $"{AJob.Id}:1", Type = "SEQUENTIAL" }, new() { JobId = $"{Other}:2", Type = "N_TO_N" }, OnOther],
            Dependencies.OfChild([Sequence, EachOfOther, OnOther], child));
        Assert.Equal([OnOther], Dependencies.OfChild([Sequence, OnOther], child with { Index = 0 }));
    }

    [Fact]
    public void A_look_at_a_sequence_starts_its_first_child()
    {
        var plan = Look([Sequence], [null, null, null], [-1]);
        Assert.Equal([(0, Runnable)], plan.Children.Select(child => (child.Index, child.State.Status)));
        Assert.True(plan.IsWhole);
    }

    [Fact]
    public void What_fails_in_a_sequence_takes_all_the_rest_with_it_but_not_what_comes_before()
    {
        var plan = Look([Sequence], [Running, null, Failed, null, null], [3]);
        Assert.Equal([(3, Failed), (4, Failed)], plan.Children.Select(child => (child.Index, child.State.Status)));
        Assert.All(plan.Children, child => Assert.Equal("Dependent Job failed", child.State.StatusReason));
    }

    [Fact]
    public void A_look_at_each_decides_only_what_was_asked_and_has_no_row()
    {
        var plan = Look([EachOfOther], [null, Running, null, null], [0, 1, 2, 9], other: [Succeeded, Succeeded, Failed, Succeeded]);
        Assert.Equal([(0, Runnable), (2, Failed)], plan.Children.Select(child => (child.Index, child.State.Status)));
    }

    [Fact]
    public void A_child_fails_at_once_with_its_own_dependency_and_begins_only_when_the_whole_arrays_are_met_too()
    {
        var plan = Look([EachOfOther], [null, null, null], [-1], other: [Succeeded, Failed, Running], whole: DependencyVerdict.Waiting);
        Assert.Equal([(1, Failed)], plan.Children.Select(child => (child.Index, child.State.Status)));
        Assert.True(plan.IsWhole);
    }

    [Fact]
    public void A_look_that_reaches_its_limit_says_so()
    {
        var plan = Look([EachOfOther], [null, null, null], [-1], other: [Succeeded, Succeeded, Succeeded], limit: 2);
        Assert.Equal([0, 1], plan.Children.Select(child => child.Index));
        Assert.False(plan.IsWhole);
        Assert.True(Look([EachOfOther], [null, null, null], [-1], other: [Succeeded, Succeeded, Running], limit: 2).IsWhole);
    }

    private static DependencyVerdict Judge(JobDependency[] dependsOn, int index, JobStatus own = Running, JobStatus other = Running) =>
        Dependencies.JudgeChild(dependsOn, index, former => former == index - 1 ? own : Running, (id, child) => id == Other && child == index ? other : null);

    private static ArrayLookPlan Look(JobDependency[] dependsOn, JobStatus?[] rows, int[] looks, JobStatus[]? other = null, int limit = 100, DependencyVerdict whole = DependencyVerdict.Met) =>
        ArrayLook.Plan(ASubmission.Record(AJob.In(Running)).Spec with { DependsOn = dependsOn, ArraySize = rows.Length }, AJob.In(Pending), rows, whole, looks, (_, index) => other?[index], limit, AJob.At(5));
}
