using OrleansBatch.GrainInterfaces.ConsumableResources;
using OrleansBatch.GrainInterfaces.JobDefinitions;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;

namespace OrleansBatch.Grains.Tests.ConsumableResources;

/// <summary>Consumable resources from creation to deletion.</summary>
public sealed class ConsumableResourceTests(ClusterFixture fixture)
{
    private readonly Batch _batch = fixture.Batch;

    private IConsumableResourcesGrain Resources => _batch.Grains.GetGrain<IConsumableResourcesGrain>(Batch.Scope.Key);

    [Fact]
    public async Task A_resource_is_created_changed_described_and_deleted()
    {
        var name = Name();
        var arn = (await CreateAsync(name, 5)).ConsumableResourceArn;
        Assert.Equal(8, (await UpdateAsync(name, "ADD", 3)).TotalQuantity);
        Assert.Equal(6, (await UpdateAsync(arn, "REMOVE", 2)).TotalQuantity);
        await RefusedAsync("Cannot remove 7", () => UpdateAsync(name, "REMOVE", 7));

        var resource = await DescribeAsync(arn);
        Assert.Equal((6L, 0L, 6L, "REPLENISHABLE"), (resource.TotalQuantity, resource.InUseQuantity, resource.AvailableQuantity, resource.ResourceType));
        Assert.True(resource.CreatedAt >= 1_800_000_000_000);

        await Resources.Delete(new() { ConsumableResource = arn }, CancellationToken.None);
        await RefusedAsync("does not exist", () => Resources.Delete(new() { ConsumableResource = name }, CancellationToken.None));
        await RefusedAsync("does not exist", () => DescribeAsync(name));
        await RefusedAsync("does not exist", () => UpdateAsync(name, "SET", 1));
        Assert.Empty(await ListAsync(name));
    }

    [Fact]
    public async Task The_same_creation_again_gets_the_first_answer_also_after_a_deletion_and_another_one_is_refused()
    {
        var (name, call) = (Name(), Name());
        Assert.Single((await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => CreateAsync(name, 1, call)))).Distinct());
        await RefusedAsync("Object already exists", () => CreateAsync(name, 1));

        await Resources.Delete(new() { ConsumableResource = name }, CancellationToken.None);
        Assert.Equal(name, (await CreateAsync(name, 1, call)).ConsumableResourceName);
        Assert.Empty(await ListAsync(name));
        await CreateAsync(name, 2, Name());
        Assert.Equal(2, (await DescribeAsync(name)).TotalQuantity);
    }

    [Fact]
    public async Task An_update_with_the_same_token_is_done_once()
    {
        var (name, token) = (Name(), Name());
        await CreateAsync(name, 5);

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => UpdateAsync(name, "ADD", 3, token)));
        Assert.All(answers, answer => Assert.Equal(8, answer.TotalQuantity));
        Assert.Equal(9, (await UpdateAsync(name, "ADD", 1, Name())).TotalQuantity);
        Assert.Equal(8, (await UpdateAsync(name, "ADD", 3, token)).TotalQuantity);
        await RefusedAsync("was used for another update", () => UpdateAsync(name, "ADD", 4, token));
        Assert.Equal(9, (await DescribeAsync(name)).TotalQuantity);
    }

    [Fact]
    public async Task A_token_outlives_the_program_and_is_forgotten_after_eight_hours()
    {
        var folder = Directory.CreateTempSubdirectory("orleansbatch-consumables-");
        var database = Path.Combine(folder.FullName, "batch.db");
        await using (var first = await Batch.StartAsync(database))
        {
            await Of(first).Create(new() { ConsumableResourceName = "r" }, null, CancellationToken.None);
            Assert.Equal(1, (await AddAsync(first)).TotalQuantity);
        }

        await using (var second = await Batch.StartAsync(database))
        {
            Assert.Equal(1, (await AddAsync(second)).TotalQuantity);
            second.Clock.Advance(TimeSpan.FromHours(8.1));
            Assert.Equal(2, (await AddAsync(second)).TotalQuantity);
        }

        folder.Delete(recursive: true);

        static IConsumableResourcesGrain Of(Batch batch) => batch.Grains.GetGrain<IConsumableResourcesGrain>(Batch.Scope.Key);
        static Task<UpdateConsumableResourceResponse> AddAsync(Batch batch) =>
            Of(batch).Update(new() { ConsumableResource = "r", Operation = "ADD", Quantity = 1, ClientToken = "t" }, CancellationToken.None);
    }

    [Fact]
    public async Task Resources_are_listed_by_name_page_after_page()
    {
        var name = Name();
        foreach (var end in new[] { "b", "a", "c" })
        {
            await CreateAsync($"{name}-{end}", 1);
        }

        Assert.Equal([$"{name}-a", $"{name}-b", $"{name}-c"], await ListAsync($"{name.ToUpperInvariant()}*", pageSize: 2));
        Assert.Equal([$"{name}-b"], await ListAsync($"{name}-B"));
    }

    [Fact]
    public async Task A_definition_gives_back_what_its_jobs_need_and_jobs_that_need_what_does_not_exist_are_refused()
    {
        var name = await _batch.SetUpAsync(maxvCpus: 1);
        var definitions = _batch.Grains.GetGrain<IJobDefinitionsGrain>(Batch.Scope.Key);
        await definitions.Register(
            new()
            {
                JobDefinitionName = name,
                Type = "container",
                ContainerProperties = new() { Image = "host", Command = ["/bin/true"], ResourceRequirements = [new() { Type = "VCPU", Value = "1" }, new() { Type = "MEMORY", Value = "64" }] },
                ConsumableResourceProperties = new() { ConsumableResourceList = [new() { ConsumableResource = "r", Quantity = 3 }] },
            },
            null,
            CancellationToken.None);

        var described = (await definitions.Describe(new() { JobDefinitions = [name + ":2"] }, CancellationToken.None)).JobDefinitions.Single();
        Assert.Equal(3, described.ConsumableResourceProperties!.ConsumableResourceList!.Single().Quantity);
        await RefusedAsync("Consumable resource r does not exist", () => _batch.SubmitAsync(name, definition: name + ":2"));
        await _batch.SubmitAsync(name, definition: name + ":1");
    }

    private static string Name() => $"r-{Guid.NewGuid():N}";

    private static async Task RefusedAsync(string text, Func<Task> call) =>
        Assert.Contains(text, (await Assert.ThrowsAsync<BatchClientException>(call)).Message, StringComparison.Ordinal);

    private Task<CreateConsumableResourceResponse> CreateAsync(string name, long total, string? call = null) => Resources.Create(
        new() { ConsumableResourceName = name, TotalQuantity = total }, call is null ? null : new() { Key = call }, CancellationToken.None);

    private Task<UpdateConsumableResourceResponse> UpdateAsync(string name, string operation, long quantity, string? token = null) => Resources.Update(
        new() { ConsumableResource = name, Operation = operation, Quantity = quantity, ClientToken = token }, CancellationToken.None);

    private Task<DescribeConsumableResourceResponse> DescribeAsync(string name) => Resources.Describe(new() { ConsumableResource = name }, CancellationToken.None);

    private async Task<List<string>> ListAsync(string pattern, int? pageSize = null)
    {
        List<string> names = [];
        string? token = null;
        do
        {
            var page = await Resources.List(
                new() { Filters = [new() { Name = "CONSUMABLE_RESOURCE_NAME", Values = [pattern] }], MaxResults = pageSize, NextToken = token }, CancellationToken.None);
            names.AddRange(page.ConsumableResources.Select(resource => resource.ConsumableResourceName));
            token = page.NextToken;
        }
        while (token is not null);
        return names;
    }
}
