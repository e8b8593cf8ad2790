using System.Text;
using System.Text.Json;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Sqlite;
using OrleansBatch.Storage.Tests.Stores;

namespace OrleansBatch.Storage.Tests.Sqlite;

/// <summary>JSON in rows outlives the program that wrote it.</summary>
public sealed class StoreJsonTests
{
    [Fact]
    public void Nothing_is_stored_for_what_is_not_there()
    {
        var state = Encoding.UTF8.GetString(StoreJson.Write(new JobState { Status = JobStatus.Runnable }));
        Assert.Equal("""{"status":2,"attempts":[]}""", state);
        Assert.DoesNotContain("null", Encoding.UTF8.GetString(StoreJson.Write(AJob.New("a").Spec)), StringComparison.Ordinal);
    }

    [Fact]
    public void Times_are_epoch_milliseconds_and_an_exit_code_of_0_is_kept()
    {
        using var state = JsonDocument.Parse(StoreJson.Write(AJob.In(JobStatus.Succeeded)));
        Assert.Equal(AJob.Noon.AddSeconds(2).ToUnixTimeMilliseconds(), state.RootElement.GetProperty("stoppedAt").GetInt64());
        Assert.Equal(0, state.RootElement.GetProperty("attempts")[0].GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public void Members_that_are_missing_are_their_default()
    {
        Same.As(new JobState { Status = JobStatus.Submitted }, StoreJson.ReadState("{}"u8));
        var spec = StoreJson.ReadSpec("""{"jobName":"a"}"""u8);
        Assert.Empty(spec.Parameters);
        Assert.Empty(spec.Tags);
        Assert.Empty(spec.DefinitionTags);
        var definition = StoreJson.ReadDefinition("{}"u8);
        Assert.Empty(definition.Parameters);
        Assert.Empty(definition.Tags);
        Assert.Empty(definition.PlatformCapabilities);
    }

    [Fact]
    public void Members_that_nobody_knows_are_ignored() =>
        Assert.Equal(JobStatus.Failed, StoreJson.ReadState("""{"later":{"a":[1]},"status":6}"""u8).Status);

    [Fact]
    public void Every_status_is_read_as_it_was_written() => Assert.All(
        Enum.GetValues<JobStatus>(), status => Same.As(AJob.In(status), StoreJson.ReadState(StoreJson.Write(AJob.In(status)))));
}
