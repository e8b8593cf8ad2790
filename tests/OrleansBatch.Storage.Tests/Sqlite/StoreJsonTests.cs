using System.Text;
using System.Text.Json;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage;
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
    public void A_task_of_several_containers_and_what_became_of_them_are_read_as_they_were_written()
    {
        var task = new EcsTaskProperties
        {
            Containers =
            [
                new() { Name = "init", Image = "busybox", Essential = false, ResourceRequirements = [new() { Type = "VCPU", Value = "1" }] },
                new() { Name = "app", Image = "busybox", StopTimeout = 5, DependsOn = [new() { ContainerName = "init", Condition = "SUCCESS" }] },
            ],
            Volumes = [new() { Name = "data" }],
        };
        var spec = AJob.New("a").Spec with { EcsTask = task, Container = new() };
        var state = AJob.In(JobStatus.Succeeded);
        state = state with
        {
            Attempts = [state.Attempts[0] with { Containers = [new() { Name = "app", IsEssential = true, StartedAt = AJob.Noon, StoppedAt = AJob.Noon, ExitCode = 0 }] }],
        };
        var definition = new JobDefinition { Name = "d", Revision = 1, IsActive = true, Type = "container", Container = new(), EcsTask = task };

        Same.As(spec, StoreJson.ReadSpec(StoreJson.Write(spec)));
        Same.As(state, StoreJson.ReadState(StoreJson.Write(state)));
        Same.As(definition, StoreJson.ReadDefinition(StoreJson.Write(definition)));
    }

    [Fact]
    public void Members_that_nobody_knows_are_ignored() =>
        Assert.Equal(JobStatus.Failed, StoreJson.ReadState("""{"later":{"a":[1]},"status":6}"""u8).Status);

    [Fact]
    public void Every_status_is_read_as_it_was_written() => Assert.All(
        Enum.GetValues<JobStatus>(), status => Same.As(AJob.In(status), StoreJson.ReadState(StoreJson.Write(AJob.In(status)))));
}
