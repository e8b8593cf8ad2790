using OrleansBatch.Core.ConsumableResources;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;

namespace OrleansBatch.Core.Tests.ConsumableResources;

public sealed class ConsumableResourceRulesTests
{
    private static readonly Scope Here = new("123456789012", "us-east-1");

    private static readonly CreateConsumableResourceRequest Good = new() { ConsumableResourceName = "licences", TotalQuantity = 10 };

    private static readonly ConsumableResourceConfiguration Ten = ConsumableResourceRules.Create(Good, Here, DateTimeOffset.UnixEpoch);

    public static TheoryData<string, CreateConsumableResourceRequest> Refused => new()
    {
        { "Consumable resource name should match a valid pattern.", Good with { ConsumableResourceName = null } },
        { "Consumable resource name should match a valid pattern.", Good with { ConsumableResourceName = "a b" } },
        { "totalQuantity is -1, it must be at least 0.", Good with { TotalQuantity = -1 } },
        { "resourceType replenishable is not valid. Valid values are: [REPLENISHABLE, NON_REPLENISHABLE]", Good with { ResourceType = "replenishable" } },
        { "A resource can have at most 50 tags, got 51.", Good with { Tags = Enumerable.Range(0, 51).ToDictionary(i => $"k{i}", _ => "") } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_resource_that_breaks_a_rule_is_refused(string text, CreateConsumableResourceRequest request) =>
        Assert.Equal(text, Assert.Throws<BatchClientException>(() => ConsumableResourceRules.Create(request, Here, default)).Message);

    [Fact]
    public void A_resource_is_replenishable_and_empty_unless_it_is_said()
    {
        var resource = ConsumableResourceRules.Create(new() { ConsumableResourceName = "r" }, Here, default);

        Assert.Equal(("REPLENISHABLE", 0L), (resource.ResourceType, resource.TotalQuantity));
        Assert.Equal("NON_REPLENISHABLE", ConsumableResourceRules.Create(Good with { ResourceType = "NON_REPLENISHABLE" }, Here, default).ResourceType);
    }

    [Theory]
    [InlineData(null, null, 10)]
    [InlineData(null, 3, 3)]
    [InlineData("SET", 0, 0)]
    [InlineData("ADD", 3, 13)]
    [InlineData("REMOVE", 3, 7)]
    [InlineData("REMOVE", 10, 0)]
    public void An_update_sets_adds_or_removes(string? operation, int? quantity, long total) =>
        Assert.Equal(total, ConsumableResourceRules.Update(Ten, new() { Operation = operation, Quantity = quantity }).TotalQuantity);

    public static TheoryData<string, UpdateConsumableResourceRequest> RefusedUpdates => new()
    {
        { "operation set is not valid. Valid values are: [SET, ADD, REMOVE]", new() { Operation = "set", Quantity = 1 } },
        { "quantity is -1, it must be at least 0.", new() { Operation = "ADD", Quantity = -1 } },
        { "quantity is required with operation ADD.", new() { Operation = "ADD" } },
        { "Cannot remove 11 from the 10 of consumable resource licences.", new() { Operation = "REMOVE", Quantity = 11 } },
        {
            "Cannot add 9223372036854775807 to the 10 of consumable resource licences: the total can be at most 9223372036854775807.",
            new() { Operation = "ADD", Quantity = long.MaxValue }
        },
        { "clientToken must have 1 to 64 characters, got 0.", new() { ClientToken = "" } },
        { "clientToken must have 1 to 64 characters, got 65.", new() { ClientToken = new('x', 65) } },
    };

    [Theory]
    [MemberData(nameof(RefusedUpdates))]
    public void An_update_that_breaks_a_rule_is_refused(string text, UpdateConsumableResourceRequest request) =>
        Assert.Equal(text, Assert.Throws<BatchClientException>(() => ConsumableResourceRules.Update(Ten, request)).Message);

    [Theory]
    [InlineData(0, 10)]
    [InlineData(10, 0)]
    [InlineData(12, 0)]
    public void What_is_available_is_never_below_nothing(long inUse, long available)
    {
        var resource = ConsumableResourceRules.Describe(Ten, inUse);

        Assert.Equal((10L, inUse, available), (resource.TotalQuantity, resource.InUseQuantity, resource.AvailableQuantity));
        Assert.Equal("arn:aws:batch:us-east-1:123456789012:consumable-resource/licences", resource.ConsumableResourceArn);
    }

    [Fact]
    public void A_resource_that_jobs_need_is_not_deleted()
    {
        ConsumableResourceRules.CheckDelete(Ten, isNeeded: false);
        Assert.Throws<BatchClientException>(() => ConsumableResourceRules.CheckDelete(Ten, isNeeded: true));
    }

    [Theory]
    [InlineData(new[] { "LIC*" }, new[] { "lic", "licences" })]
    [InlineData(new[] { "lic" }, new[] { "lic" })]
    [InlineData(new[] { "Lic", "OTHER" }, new[] { "lic", "other" })]
    [InlineData(new[] { "*" }, new[] { "lic", "licences", "other" })]
    [InlineData(new[] { "x" }, new string[0])]
    public void Names_are_listed_whatever_the_case_and_by_their_beginning(string[] values, string[] meant)
    {
        var plan = ConsumableListPlan.Of(new() { Filters = [new() { Name = "CONSUMABLE_RESOURCE_NAME", Values = values }] }, Here);

        Assert.Equal(meant, new[] { "lic", "licences", "other" }.Where(plan.Matches));
    }

    [Fact]
    public void A_listing_goes_on_after_the_last_name_of_a_page_and_only_for_the_same_question()
    {
        var page = ConsumableListPlan.Of(new() { MaxResults = 2 }, Here).Page(["a", "b", "c"]);

        Assert.Equal(["a", "b"], page.Names);
        Assert.Equal("b", ConsumableListPlan.Of(new() { NextToken = page.NextToken }, Here).After);
        Assert.Null(ConsumableListPlan.Of(new() { MaxResults = 2 }, Here).Page(["a", "b"]).NextToken);
        Assert.Throws<BatchClientException>(() => ConsumableListPlan.Of(
            new() { NextToken = page.NextToken, Filters = [new() { Name = "CONSUMABLE_RESOURCE_NAME", Values = ["a"] }] }, Here));
    }

    public static TheoryData<string, ListConsumableResourcesRequest> RefusedLists => new()
    {
        { "maxResults is 0, it must be between 1 and 100.", new() { MaxResults = 0 } },
        { "maxResults is 101, it must be between 1 and 100.", new() { MaxResults = 101 } },
        { "Filter 'x' is not valid. Valid names are: [CONSUMABLE_RESOURCE_NAME].", new() { Filters = [new() { Name = "x", Values = ["a"] }] } },
        { "Filter CONSUMABLE_RESOURCE_NAME must have at least 1 value.", new() { Filters = [new() { Name = "CONSUMABLE_RESOURCE_NAME" }] } },
        {
            "filters have 101 values, at most 100 are allowed.",
            new() { Filters = [new() { Name = "CONSUMABLE_RESOURCE_NAME", Values = [.. Enumerable.Repeat("a", 101)] }] }
        },
    };

    [Theory]
    [MemberData(nameof(RefusedLists))]
    public void A_listing_that_breaks_a_rule_is_refused(string text, ListConsumableResourcesRequest request) =>
        Assert.Equal(text, Assert.Throws<BatchClientException>(() => ConsumableListPlan.Of(request, Here)).Message);
}
