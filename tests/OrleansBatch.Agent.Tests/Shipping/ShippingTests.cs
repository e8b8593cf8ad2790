using OrleansBatch.Core.Logs.Shipping;

namespace OrleansBatch.Agent.Tests.Shipping;

/// <summary>A real agent with a real supervisor ships what its attempts write.</summary>
public sealed class ShippingTests
{
    private readonly Shelf _shelf = new();

    [Fact]
    public async Task Output_is_shipped_while_an_attempt_runs_and_the_rest_after_its_end()
    {
        await using var rig = await StartAsync();
        await rig.LaunchAsync(rig.Order("job", "echo begun; while [ ! -e $0.go ]; do sleep 0.05; done; echo over".Replace("$0", rig.PathTo("job"), StringComparison.Ordinal)));
        await Eventually.True(() => TextOf("job") == "begun\n");
        Assert.False(_shelf.StateOf(AnOrder.LogOf("job"))!.Value.IsClosed);

        await File.WriteAllTextAsync(rig.PathTo("job.go"), "");

        await Eventually.True(() => _shelf.StateOf(AnOrder.LogOf("job"))!.Value.IsClosed);
        Assert.Equal("begun\nover\n", TextOf("job"));
    }

    [Fact]
    public async Task Many_attempts_go_into_few_messages_and_those_without_output_into_none()
    {
        await using var rig = await StartAsync(every: TimeSpan.FromMilliseconds(500));
        await rig.LaunchAsync([.. Enumerable.Range(0, 100).Select(n => rig.Order($"job-{n}", n % 2 == 0 ? $"echo {n}" : "exit 0"))]);
        await rig.Agent.WhenIdleAsync(CancellationToken.None);

        await rig.Agent.ShipLogsAsync(CancellationToken.None);

        Assert.All(Enumerable.Range(0, 100), n => Assert.Equal(n % 2 == 0 ? $"{n}\n" : "", TextOf($"job-{n}")));
        Assert.True(_shelf.Messages < 40, $"{_shelf.Messages} messages");
    }

    [Fact]
    public async Task A_store_that_is_away_holds_up_no_start_and_no_report()
    {
        _shelf.IsLost = _ => true;
        await using var rig = await StartAsync();

        Assert.Equal(3, (await rig.RunAsync(rig.Order("first", "echo 1; exit 3"))).ExitCode);
        await Eventually.True(() => _shelf.Messages > 0);
        Assert.Equal(4, (await rig.RunAsync(rig.Order("second", "echo 2; exit 4"))).ExitCode);

        _shelf.IsLost = _ => false;
        await Eventually.True(() => TextOf("first") == "1\n" && TextOf("second") == "2\n");
    }

    [Fact]
    public async Task The_next_agent_goes_on_where_one_that_was_killed_had_come_to()
    {
        await using var rig = await StartAsync();
        await rig.LaunchAsync(rig.Order("job", $"echo begun; while [ ! -e {rig.PathTo("go")} ]; do sleep 0.05; done; echo over"), rig.Order("short", "echo short"));
        await Eventually.True(() => TextOf("job") == "begun\n" && TextOf("short") == "short\n");
        await rig.Agent.DisposeAsync();

        // Nobody watches, and it ends.
        await File.WriteAllTextAsync(rig.PathTo("go"), "");
        await rig.StartAgentAsync(options => Configure(options, TimeSpan.FromMilliseconds(50)), leased => leased.OnShip = chunks => Task.FromResult(_shelf.Keep(chunks)));

        await Eventually.True(() => _shelf.StateOf(AnOrder.LogOf("job"))!.Value.IsClosed);
        Assert.Equal("begun\nover\n", TextOf("job"));
        await Eventually.True(() => File.ReadAllText(rig.PathTo("agent/shipping")).Contains("[\"job\",1]\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task At_most_one_message_is_under_way_and_no_more_than_the_rate_allows()
    {
        var (underWay, most) = (0, 0);
        await using var rig = await StartAsync(rate: 256 * 1024, keep: async chunks =>
        {
            most = Math.Max(most, Interlocked.Increment(ref underWay));
            await Task.Yield();
            var kept = _shelf.Keep(chunks);
            Interlocked.Decrement(ref underWay);
            return kept;
        });
        await rig.RunAsync(rig.Order("job", "head -c 2000000 /dev/zero | tr '\\0' 'x'; echo"));
        await Eventually.True(() => _shelf.Messages >= 2);

        // A message of half a MiB, and then nothing for two seconds.
        Assert.InRange(_shelf.Bytes, 1, (2 * 600_000) + 1);
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task An_agent_whose_silos_keep_no_logs_ships_none()
    {
        await using var rig = await AgentRig.StartAsync(options => Configure(options, TimeSpan.FromMilliseconds(50)));

        Assert.Equal(0, (await rig.RunAsync(rig.Order("job", "echo 1"))).ExitCode);

        rig.Leased.OnShip = chunks => Task.FromResult(_shelf.Keep(chunks));
        await Eventually.True(() => TextOf("job") == "1\n");
    }

    private string TextOf(string job) => _shelf.TextOf(AnOrder.LogOf(job));

    private async Task<AgentRig> StartAsync(TimeSpan? every = null, long rate = LogPiece.MostBytes * 1_000L, Func<IReadOnlyList<Model.Logs.LogChunk>, Task<Model.Logs.LogsKept>>? keep = null)
    {
        keep ??= chunks => Task.FromResult(_shelf.Keep(chunks));
        return await AgentRig.StartAsync(
            options =>
            {
                Configure(options, every ?? TimeSpan.FromMilliseconds(50));
                options.ShipBytesPerSecond = rate;
            },
            prepare: leased => leased.OnShip = chunks => keep(chunks));
    }

    private static void Configure(AgentOptions options, TimeSpan every) => (options.Lease, options.ShipEvery) = (TimeSpan.FromMinutes(10), every);
}
