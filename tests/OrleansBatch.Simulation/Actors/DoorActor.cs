using System.Collections.Concurrent;
using System.Collections.Immutable;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Simulation.Actors;

/// <summary>As <c>JobsGrain</c>: accepts submissions and hands commands on.</summary>
internal sealed class DoorActor(Silo silo)
{
    private static readonly ConcurrentDictionary<(int? Size, int? Attempts, string? Vcpus, bool HasTimeout, string Needs), JobSpec> Prepared = new();

    /// <summary>Submits; the answer is the job's id. Null: the queue does not take it.</summary>
    public async Task<string?> SubmitAsync(SubmitJobRequest request, string invocation)
    {
        var job = await PrepareAsync(request);
        if (job is null)
        {
            return await silo.ReadAsync(store => store.Answer(invocation));
        }

        if (silo.Bug == PlantedBug.SubmissionAnsweredTooEarly)
        {
            silo.World.Client.Acknowledged(invocation, job.JobId);
        }

        var result = await silo.CommitAsync(new() { Inserts = [job], Invocation = new(invocation, job.JobId, job.CreatedAt) });
        if (result.Outcome == StepOutcome.AlreadyInvoked)
        {
            return result.RecordedAnswer;
        }

        if (job.State is { Status: JobStatus.Runnable } or { Status: JobStatus.Pending, Unwritten.Status: JobStatus.Runnable })
        {
            silo.Post.Enqueue(
                job.Spec.JobQueue,
                new()
                {
                    JobId = job.JobId,
                    Sequence = result.Sequences[0],
                    TriedBefore = false,
                    Needs = job.Spec.Needs,
                    ArraySize = job.Spec.ArraySize ?? 0,
                    Consumables = job.Spec.ConsumableResources,
                });
        }

        if (!result.Owed.IsEmpty)
        {
            silo.Post.LookAtDependencies(job.JobId);
        }

        return job.JobId;
    }

    public async Task CancelAsync(string jobId, string reason)
    {
        if (await CanEndAsync(jobId))
        {
            await silo.JobAsync(jobId, job => job.CancelAsync(reason));
        }
    }

    public async Task TerminateAsync(string jobId, string reason)
    {
        if (await CanEndAsync(jobId))
        {
            await silo.JobAsync(jobId, job => job.TerminateAsync(reason));
        }
    }

    private Task<bool> CanEndAsync(string jobId) => silo.ReadAsync(store => store.Read(jobId) is { } job && !job.State.Status.IsTerminal());

    private async Task<NewJob?> PrepareAsync(SubmitJobRequest request)
    {
        var isArray = request.ArrayProperties is not null;
        Dependencies.Check(request.DependsOn, isArray);
        var dependsOn = Dependencies.Read(request.DependsOn, World.Home);
        var queue = await silo.QueueAsync(request.JobQueue!, actor => Task.FromResult(actor.Configuration));
        if (queue is not { State: "ENABLED", Status: "VALID" })
        {
            return null;
        }

        var spec = Prepare(request) with { JobName = request.JobName!, JobQueue = queue.Name.Name, DependsOn = dependsOn };
        var named = Dependencies.Named(dependsOn);
        var found = named.Count == 0
            ? []
            : await silo.ReadAsync(store => named.Select(store.Read).OfType<JobRecord>().ToDictionary(job => job.JobId));
        Dependencies.CheckTargets(dependsOn, spec.ArraySize, found);
        var state = Submission.Accept(spec, found, silo.Now).State;
        return new(silo.World.NewId().ToString(), World.Home, silo.Now, spec, state) { Waits = WaitsOf(spec, state) };
    }

    /// <summary>What does not differ between jobs of one shape is prepared once for all sequences.</summary>
    private static JobSpec Prepare(SubmitJobRequest request) => Prepared.GetOrAdd(
        (request.ArrayProperties?.Size, request.RetryStrategy!.Attempts, request.ContainerOverrides!.ResourceRequirements![0].Value, request.Timeout is not null, NeedsOf(request)),
        static (_, request) =>
        {
            Submission.Check(request);
            return Submission.Prepare(request, World.Definition, new(request.JobQueue!, IsEnabled: true, IsDeleting: false, ["EC2"]), World.Home);
        },
        request with { DependsOn = [] });

    private static string NeedsOf(SubmitJobRequest request) => string.Join(
        ' ', request.ConsumableResourcePropertiesOverride?.ConsumableResourceList?.Select(need => $"{need.ConsumableResource} {need.Quantity}") ?? []);

    private static ImmutableArray<Wait> WaitsOf(JobSpec spec, JobState state) => (state.Unwritten ?? state).Status != JobStatus.Pending ? [] :
    [
        .. Dependencies.Whole(spec.DependsOn).Select(id => new Wait(id, WaitKind.Whole)),
        .. Dependencies.EachToEachWith(spec.DependsOn).Select(id => new Wait(id, WaitKind.EachToEach)),
        .. Dependencies.IsSequence(spec.DependsOn) ? [new Wait("", WaitKind.Sequence)] : Array.Empty<Wait>(),
    ];
}
