using CsCheck;
using OrleansBatch.Core.JobDefinitions;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Core.Tests.JobDefinitions;

public sealed class DefinitionListPlanTests
{
    private static readonly Scope Here = new("123456789012", "us-east-1");

    [Fact]
    public void Without_arguments_all_revisions_are_meant()
    {
        var plan = DefinitionRules.List(new(), Here);

        Assert.Null(plan.References);
        Assert.Equal((null, null, null, 101), (plan.Name, plan.IsActive, plan.After, plan.Limit));
    }

    [Theory]
    [InlineData("ACTIVE", true)]
    [InlineData("INACTIVE", false)]
    public void A_status_means_only_revisions_of_that_status(string status, bool isActive) =>
        Assert.Equal(isActive, DefinitionRules.List(new() { JobDefinitionName = "a", Status = status }, Here).IsActive);

    [Fact]
    public void References_are_taken_in_the_order_asked_and_what_cannot_exist_here_is_dropped()
    {
        var plan = DefinitionRules.List(
            new()
            {
                JobDefinitions =
                [
                    "b:2", "arn:aws:batch:us-east-1:123456789012:job-definition/a:1", "b:2", "bare", "b:latest", "no such name:1",
                    "arn:aws:batch:us-west-2:123456789012:job-definition/a:1",
                ],
            },
            Here);

        Assert.Equal([("b", 2), ("a", 1)], plan.References!.Value.Select(reference => (reference.Name, reference.Revision!.Value)));
    }

    public static TheoryData<string, DescribeJobDefinitionsRequest> Refused => new()
    {
        { "jobDefinitions must be the only parameter when it is given.", new() { JobDefinitions = ["a:1"], JobDefinitionName = "a" } },
        { "jobDefinitions must be the only parameter when it is given.", new() { JobDefinitions = ["a:1"], Status = "ACTIVE" } },
        { "jobDefinitions must be the only parameter when it is given.", new() { JobDefinitions = ["a:1"], MaxResults = 1 } },
        { "jobDefinitions has 101 entries, at most 100 are allowed.", new() { JobDefinitions = [.. Enumerable.Repeat("a:1", 101)] } },
        { "maxResults is 0, it must be between 1 and 100.", new() { MaxResults = 0 } },
        { "maxResults is 101, it must be between 1 and 100.", new() { MaxResults = 101 } },
        { "status active is not valid. Valid values are: [ACTIVE, INACTIVE]", new() { Status = "active" } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_listing_that_breaks_a_rule_is_refused(string text, DescribeJobDefinitionsRequest request) =>
        Assert.Equal(text, Assert.Throws<BatchClientException>(() => DefinitionRules.List(request, Here)).Message);

    [Fact]
    public void A_token_of_another_query_is_refused()
    {
        var token = DefinitionRules.List(new() { MaxResults = 1, JobDefinitionName = "a" }, Here).Answer([Row("a", 2), Row("a", 1)]).NextToken;

        Assert.NotNull(token);
        Assert.Throws<BatchClientException>(() => DefinitionRules.List(new() { NextToken = token, JobDefinitionName = "b" }, Here));
        Assert.Throws<BatchClientException>(() => DefinitionRules.List(new() { NextToken = token }, Here));
        Assert.Throws<BatchClientException>(() => DefinitionRules.List(new() { NextToken = token, JobDefinitionName = "a" }, Here with { Region = "x" }));
        Assert.Equal(("a", 2), DefinitionRules.List(new() { NextToken = token, JobDefinitionName = "a" }, Here).After);
    }

    [Fact]
    public void Pages_give_every_revision_once_and_in_order() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[0, 6], Gen.Int[1, 5]).Sample((names, revisions, pageSize) =>
        {
            var rows = Enumerable.Range(0, names)
                .SelectMany(name => Enumerable.Range(1, revisions).Reverse().Select(revision => Row($"n{name}", revision)))
                .ToList();

            List<(string, int)> seen = [];
            string? token = null;
            do
            {
                var plan = DefinitionRules.List(new() { MaxResults = pageSize, NextToken = token }, Here);
                var rest = plan.After is { } after ? rows.SkipWhile(row => (row.Name, row.Revision) != after).Skip(1) : rows;
                var page = plan.Answer([.. rest.Take(plan.Limit)]);
                seen.AddRange(page.JobDefinitions.Select(detail => (detail.JobDefinitionName, detail.Revision)));
                token = page.NextToken;
            }
            while (token is not null);

            Assert.Equal(rows.Select(row => (row.Name, row.Revision)), seen);
        });

    private static JobDefinition Row(string name, int revision) =>
        DefinitionRules.Register(ARegistration.Ec2 with { JobDefinitionName = name }, revision);
}
