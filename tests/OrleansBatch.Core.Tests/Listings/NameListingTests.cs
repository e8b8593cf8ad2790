using CsCheck;
using OrleansBatch.Core.ComputeEnvironments;
using OrleansBatch.Core.JobQueues;
using OrleansBatch.Core.Listings;
using OrleansBatch.Core.Names;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Tests.Listings;

public sealed class NameListingTests
{
    private static readonly Scope Here = new("123456789012", "us-east-1");

    [Fact]
    public void Pages_give_every_name_once_and_in_order() =>
        Gen.Select(Gen.Char["abAB_-9"].Array[1, 4].HashSet[0, 20], Gen.Int[1, 7]).Sample((letters, pageSize) =>
        {
            var all = letters.Select(letter => new string(letter)).Distinct().ToList();

            Assert.Equal(all.Order(StringComparer.Ordinal), ReadAll(null, pageSize, all));
        });

    [Fact]
    public void Names_that_are_asked_for_come_in_the_order_asked_once_each() => Assert.Equal(
        ["b", "c", "a"],
        ReadAll(["b", "arn:aws:batch:us-east-1:123456789012:job-queue/c", "b", "a", "no name", "arn:aws:batch:us-east-1:1:job-queue/d"], 2, []));

    [Fact]
    public void A_token_is_good_for_its_own_query_only()
    {
        var token = NameListing.Of(ResourceKind.JobQueue, null, 1, null, Here).Page(["a", "b"]).NextToken;

        Assert.NotNull(token);
        Assert.Throws<BatchClientException>(() => NameListing.Of(ResourceKind.ComputeEnvironment, null, 1, token, Here));
        Assert.Throws<BatchClientException>(() => NameListing.Of(ResourceKind.JobQueue, null, 1, token, Here with { Region = "eu-west-1" }));
        Assert.Throws<BatchClientException>(() => NameListing.Of(ResourceKind.JobQueue, ["a"], 1, token, Here));
        Assert.Throws<BatchClientException>(() => NameListing.Of(ResourceKind.JobQueue, null, 1, token + "x", Here));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public void A_page_has_1_to_100_names(int maxResults)
    {
        Assert.Throws<BatchClientException>(() => JobQueueRules.List(new() { MaxResults = maxResults }, Here));
        Assert.Throws<BatchClientException>(() => ComputeEnvironmentRules.List(new() { MaxResults = maxResults }, Here));
    }

    [Fact]
    public void At_most_100_names_may_be_asked_for() =>
        Assert.Throws<BatchClientException>(() => JobQueueRules.List(new() { JobQueues = [.. Enumerable.Repeat("a", 101)] }, Here));

    [Fact]
    public void A_name_that_went_meanwhile_does_not_end_a_listing()
    {
        var first = NameListing.Of(ResourceKind.JobQueue, null, 1, null, Here).Page(["a", "b", "c"]);

        var second = NameListing.Of(ResourceKind.JobQueue, null, 1, first.NextToken, Here).Page(["b", "c"]);

        Assert.Equal(["b"], second.Names);
    }

    private static List<string> ReadAll(IReadOnlyList<string>? asked, int pageSize, IReadOnlyList<string> all)
    {
        List<string> seen = [];
        string? token = null;
        do
        {
            var page = NameListing.Of(ResourceKind.JobQueue, asked, pageSize, token, Here).Page(all);
            Assert.True(page.Names.Length <= pageSize);
            seen.AddRange(page.Names);
            token = page.NextToken;
        }
        while (token is not null);

        return seen;
    }
}
