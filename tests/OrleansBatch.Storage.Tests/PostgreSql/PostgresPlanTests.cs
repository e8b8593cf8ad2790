using System.Text.RegularExpressions;
using Npgsql;
using OrleansBatch.Storage.Tests.Stores;

namespace OrleansBatch.Storage.Tests.PostgreSql;

/// <summary>No statement of the store scans a table, and none reads more of an index than it needs. The server itself says how it did each.</summary>
public sealed partial class PostgresPlanTests
{
    /// <summary>What must be sorted after all, with the reason.</summary>
    private static readonly string[] Sorted =
    [
        // Names with a prefix have no common order of time in any index: the heads of all are compared.
        "WITH RECURSIVE names AS",
        // One job's events are found from the last to the first.
        "WITH RECURSIVE chain AS",
        // Hosts that end in one transaction, by environment.
        "INSERT INTO host_costs",
    ];

    /// <summary>What is looked at beyond an index condition, where that cannot be many rows.</summary>
    private static readonly string[] Filtered =
    [
        // One row.
        "(u.stamp = stamp)",
        // The resources of one job.
        "Filter: is_open",
        // The newest revision of a name is active as a rule.
        "Filter: is_active",
        "(is_active = $5)",
        // Orleans' own statements, which find one row.
        "grainidextensionstring",
    ];

    /// <summary>What Npgsql and Orleans ask once, when they begin.</summary>
    private static readonly string[] Others = ["SELECT version()", "SELECT QueryKey, QueryText FROM OrleansQuery"];

    /// <summary>The last: a page goes on by the index too, however many rows share the cursor's time.</summary>
    private static readonly string[] Bad = ["Seq Scan on", "Bitmap", "Hash Join", "Merge Join", "Filter: (ROW(", "Filter: ((ROW("];

    [Fact]
    public async Task Every_statement_goes_by_an_index_in_the_order_that_it_needs()
    {
        var server = await PostgresFixture.ServerAsync();
        var settings = new NpgsqlConnectionStringBuilder(await PostgresFixture.DatabaseAsync())
        {
            Options = "-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_nested_statements=on",
        };
        await using var store = await PostgresStoreUnderTest.OnAsync(settings.ConnectionString);
        await EveryStatement.UseAsync(store);

        var plans = (await server.ReadLogAsync(settings.Database!)).Where(entry => entry.Contains("Query Text: ", StringComparison.Ordinal))
            .Where(entry => !Others.Any(other => QueryOf(entry).StartsWith(other, StringComparison.Ordinal)))
            .Distinct()
            .ToList();

        Assert.True(plans.Select(QueryOf).Distinct().Count() > 80);
        Assert.Contains(plans, plan => FilterOfIndex().IsMatch(plan));
        var bad = plans.Where(IsBad).ToList();
        Assert.True(bad.Count == 0, string.Join("\n\n", bad));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', plans));
    }

    private static bool IsBad(string plan) => FilterOfIndex().Matches(plan).Any(match => !Filtered.Any(text => match.Value.Contains(text, StringComparison.Ordinal)))
        || Bad.Any(sign => plan.Contains(sign, StringComparison.Ordinal))
        || (plan.Contains("Sort Key", StringComparison.Ordinal) && !Sorted.Any(text => QueryOf(plan).StartsWith(text, StringComparison.Ordinal)));

    [GeneratedRegex(@"Index (Only )?Scan[^\n]*\n([^\n]*Index Cond:[^\n]*\n)?\s*Filter: [^\n]*")]
    private static partial Regex FilterOfIndex();

    private static string QueryOf(string plan) => plan[(plan.IndexOf("Query Text: ", StringComparison.Ordinal) + "Query Text: ".Length)..].TrimStart();
}
