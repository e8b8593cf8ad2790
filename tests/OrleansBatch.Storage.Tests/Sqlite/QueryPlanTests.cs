using Microsoft.Data.Sqlite;
using OrleansBatch.Storage.Tests.Stores;

namespace OrleansBatch.Storage.Tests.Sqlite;

/// <summary>No statement of the store scans a table or sorts what it reads.</summary>
public sealed class QueryPlanTests
{
    [Fact]
    public async Task Every_statement_goes_by_an_index_in_the_order_that_it_needs()
    {
        await using var store = (SqliteStoreUnderTest)await SqliteStoreUnderTest.NewAsync();
        await EveryStatement.UseAsync(store);
        string[] texts = [.. store.Database.Writer.PreparedTexts, .. store.Database.Readers.PreparedTexts];

        using var connection = new SqliteConnection($"Data Source={store.Path};Pooling=False");
        connection.Open();
        var plans = texts.Distinct().SelectMany(text => Explain(connection, text).Select(line => $"{line} <- {text}")).ToList();

        Assert.True(plans.Count > 50);
        // A page goes on by the index too, however many rows share the cursor's time.
        Assert.All(
            plans.Where(plan => plan.Contains("j.sequence < ?", StringComparison.Ordinal) && plan.StartsWith("SEARCH j", StringComparison.Ordinal)),
            plan => Assert.Matches(@"created_at=\? AND (rowid|sequence)<\?\)", plan));
        Assert.All(
            plans.Where(plan => plan.Contains("j.sequence > ?", StringComparison.Ordinal) && plan.StartsWith("SEARCH j", StringComparison.Ordinal)),
            plan => Assert.Contains("AND rowid>?)", plan, StringComparison.Ordinal));
        Assert.DoesNotContain(plans, plan => plan.Contains("SCAN", StringComparison.Ordinal));
        Assert.DoesNotContain(plans, plan => plan.Contains("TEMP B-TREE", StringComparison.Ordinal));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', plans));
    }

    private static List<string> Explain(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + text;
        List<string> lines = [];
        // What is not bound is null: the plan is the same.
        for (var parameter = 1; parameter <= 30; parameter++)
        {
            if (text.Contains($"?{parameter}", StringComparison.Ordinal))
            {
                command.Parameters.AddWithValue($"?{parameter}", DBNull.Value);
            }
        }

        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            lines.Add(reader.GetString(3));
        }

        return lines;
    }
}
