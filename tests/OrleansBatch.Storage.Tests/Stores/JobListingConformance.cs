using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>Pages of a queue's jobs: every filter, its order, and what a page is worth while rows change.</summary>
public abstract class JobListingConformance : JobStoreConformance
{
    private static readonly JobFilter Waiting = new JobFilter.InStatus(JobStatus.Runnable);

    [Fact]
    public async Task An_item_says_what_was_given()
    {
        var job = AJob.New("a", AJob.In(JobStatus.Failed), name: "Hello", definition: "Shell", revision: 3, createdAfterMilliseconds: 5);
        await InsertAsync(job);

        var page = await Jobs.ListAsync(new() { Queue = AJob.Queue, Filter = new JobFilter.InStatus(JobStatus.Failed), Limit = 10 }, Token);

        Assert.Null(page.Next);
        Same.As(
            new JobListItem
            {
                JobId = "a",
                JobName = "Hello",
                DefinitionName = "Shell",
                DefinitionRevision = 3,
                CreatedAt = job.CreatedAt,
                Needs = job.Spec.Needs,
                State = job.State,
            },
            Assert.Single(page.Jobs));
    }

    [Fact]
    public async Task A_listing_in_a_status_has_the_newest_first_and_at_one_time_the_last_inserted_first()
    {
        await InsertAsync(AJob.New("b", createdAfterMilliseconds: 1), AJob.New("c", createdAfterMilliseconds: 1), AJob.New("d", AJob.In(JobStatus.Failed)));
        await InsertAsync(AJob.New("a"), AJob.New("e", createdAfterMilliseconds: 2));

        Assert.Equal(["e", "c", "b", "a"], await ListAsync(Waiting));
        Assert.Equal(["d"], await ListAsync(new JobFilter.InStatus(JobStatus.Failed)));
        Assert.Empty(await ListAsync(new JobFilter.InStatus(JobStatus.Pending)));
    }

    [Theory]
    [InlineData("hello", false, "d c b")]
    [InlineData("HELLO", false, "d c b")]
    [InlineData("hell", false, "")]
    [InlineData("hell", true, "d c b e")]
    [InlineData("HELL", true, "d c b e")]
    [InlineData("hello-", true, "e")]
    [InlineData("", true, "f a d c b e g")]
    [InlineData("none", true, "")]
    [InlineData("under_", true, "g")]
    [InlineData("a%", true, "f")]
    public async Task A_listing_by_name_is_by_name_whatever_the_case_then_newest_first(string name, bool isPrefix, string expected)
    {
        await InsertAsync(
            AJob.New("a", name: "hel", createdAfterMilliseconds: 9),
            AJob.New("b", name: "hello"),
            AJob.New("c", name: "Hello", createdAfterMilliseconds: 1),
            AJob.New("d", name: "HELLO", createdAfterMilliseconds: 2),
            AJob.New("e", AJob.In(JobStatus.Failed), name: "hello-2", createdAfterMilliseconds: 3),
            AJob.New("f", name: "a%b"),
            AJob.New("g", name: "under_score"));

        Assert.Equal(expected, string.Join(' ', await ListAsync(new JobFilter.Named(name, isPrefix))));
        Assert.Equal(expected, string.Join(' ', await ListAsync(new JobFilter.Named(name, isPrefix), limit: 1)));
        Assert.Equal(expected, string.Join(' ', await ListAsync(new JobFilter.Named(name, isPrefix), limit: 2)));
    }

    [Theory]
    [InlineData("shell", null, false, "d c a")]
    [InlineData("shell", 1, false, "c a")]
    [InlineData("shell", 7, false, "")]
    [InlineData("Shell", null, false, "f")]
    [InlineData("shell", null, true, "e d c b a")]
    [InlineData("sh", null, true, "e d c b a g")]
    [InlineData("S", null, true, "f")]
    [InlineData("", null, true, "f e d c b a g")]
    [InlineData("none", null, true, "")]
    public async Task A_listing_of_a_definition_is_newest_first_over_all_that_match(string name, int? revision, bool isPrefix, string expected)
    {
        await InsertAsync(
            AJob.New("g", definition: "sha", createdAfterMilliseconds: -1),
            AJob.New("a", definition: "shell"),
            AJob.New("b", definition: "shell-2", createdAfterMilliseconds: 1),
            AJob.New("c", definition: "shell", createdAfterMilliseconds: 2),
            AJob.New("d", definition: "shell", revision: 2, createdAfterMilliseconds: 3),
            AJob.New("e", AJob.In(JobStatus.Failed), definition: "shell-2", createdAfterMilliseconds: 4),
            AJob.New("f", definition: "Shell", createdAfterMilliseconds: 5));

        Assert.Equal(expected, string.Join(' ', await ListAsync(new JobFilter.OfDefinition(name, revision, isPrefix))));
        Assert.Equal(expected, string.Join(' ', await ListAsync(new JobFilter.OfDefinition(name, revision, isPrefix), limit: 1)));
        Assert.Equal(expected, string.Join(' ', await ListAsync(new JobFilter.OfDefinition(name, revision, isPrefix), limit: 2)));
    }

    [Fact]
    public async Task Listings_by_time_are_newest_first_and_leave_out_the_very_millisecond()
    {
        await InsertAsync(
            AJob.New("b", createdAfterMilliseconds: 1),
            AJob.New("a"),
            AJob.New("c", AJob.In(JobStatus.Failed), createdAfterMilliseconds: 1),
            AJob.New("d", createdAfterMilliseconds: 2));
        var time = AJob.Noon.AddMilliseconds(1);

        Assert.Equal(["a"], await ListAsync(new JobFilter.CreatedBefore(time), limit: 1));
        Assert.Equal(["d"], await ListAsync(new JobFilter.CreatedAfter(time), limit: 1));
        Assert.Equal(["d", "c", "b", "a"], await ListAsync(new JobFilter.CreatedBefore(time.AddDays(1)), limit: 1));
        Assert.Equal(["d", "c", "b", "a"], await ListAsync(new JobFilter.CreatedAfter(AJob.Noon.AddDays(-1)), limit: 3));
        Assert.Empty(await ListAsync(new JobFilter.CreatedBefore(AJob.Noon)));
        Assert.Empty(await ListAsync(new JobFilter.CreatedAfter(AJob.Noon.AddMilliseconds(2))));
    }

    [Fact]
    public async Task A_queue_lists_its_own_jobs_in_its_own_scope_only()
    {
        Scope other = new("210987654321", "us-east-1");
        await InsertAsync(AJob.New("a"), AJob.New("b", queue: "other"), AJob.New("c", scope: other));

        Assert.Equal(["a"], await ListAsync(Waiting));
        Assert.Equal(["b"], await ListAsync(Waiting, queue: new(AJob.Scope, "other")));
        Assert.Equal(["c"], await ListAsync(Waiting, queue: new(other, "default")));
        Assert.Empty(await ListAsync(Waiting, queue: new(AJob.Scope, "none")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(11)]
    public async Task Pages_are_full_and_the_last_one_has_no_cursor(int limit)
    {
        await InsertAsync([.. Enumerable.Range(0, 10).Select(number => AJob.New($"{number}", createdAfterMilliseconds: number / 3))]);
        List<int> sizes = [];
        string? next = null;
        do
        {
            var page = await Jobs.ListAsync(new() { Queue = AJob.Queue, Filter = Waiting, After = next, Limit = limit }, Token);
            sizes.Add(page.Jobs.Count);
            next = page.Next;
        }
        while (next is not null);

        Assert.Equal(10, sizes.Sum());
        Assert.All(sizes.SkipLast(1), size => Assert.Equal(limit, size));
    }

    [Fact]
    public async Task Paging_neither_skips_nor_repeats_a_job_that_stays_while_others_come_and_go()
    {
        await InsertAsync([.. Enumerable.Range(0, 40).Select(number => AJob.New($"{number:00}", createdAfterMilliseconds: number / 4))]);
        List<string> seen = [];
        string? next = null;
        var round = 0;
        do
        {
            var page = await Jobs.ListAsync(new() { Queue = AJob.Queue, Filter = Waiting, After = next, Limit = 5 }, Token);
            seen.AddRange(page.Jobs.Select(job => job.JobId));
            next = page.Next;

            // The last one of the page leaves, one further down leaves, one stays and is written, newer and older ones come.
            await WriteAsync(page.Jobs[^1].JobId, 1, AJob.In(JobStatus.Starting));
            await WriteAsync($"{round:00}", 1, AJob.In(JobStatus.Failed));
            await WriteAsync($"{round + 20:00}", 1, AJob.Waiting with { StatusReason = "MISCONFIGURATION" });
            await InsertAsync(AJob.New($"new {round}", createdAfterMilliseconds: 100), AJob.New($"old {round}", createdAfterMilliseconds: -round - 1));
            round++;
        }
        while (next is not null && round < 12);

        Assert.Equal(seen.Count, seen.Distinct().Count());
        var left = await ListAsync(Waiting);
        Assert.Empty(left.Where(id => !id.Contains(' ', StringComparison.Ordinal)).Except(seen));
        Assert.DoesNotContain(seen, id => id.StartsWith("new", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_definition_prefix_over_many_names_is_paged_without_gaps()
    {
        await InsertAsync([.. Enumerable.Range(0, 200).Select(number =>
            AJob.New($"{number:000}", definition: $"align-{number * 7 % 50}", createdAfterMilliseconds: number * 13 % 60))]);
        var filter = new JobFilter.OfDefinition("align-", null, IsPrefix: true);

        var all = await ListAsync(filter);

        Assert.Equal(200, all.Distinct().Count());
        Assert.Equal(await ListAsync(new JobFilter.CreatedAfter(AJob.Noon.AddDays(-1))), all);
        Assert.Equal(all, await ListAsync(filter, limit: 7));
    }

    [Fact]
    public async Task What_is_no_cursor_is_refused()
    {
        await InsertAsync(AJob.New("a"));
        foreach (var text in new[] { "", "x", "1", "1:x:", "1:-1:", "99999999999999999999:1:" })
        {
            await Assert.ThrowsAsync<FormatException>(
                () => Jobs.ListAsync(new() { Queue = AJob.Queue, Filter = Waiting, After = text, Limit = 5 }, Token));
        }
    }
}
