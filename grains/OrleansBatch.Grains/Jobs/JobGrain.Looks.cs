using System.Collections.Immutable;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.Jobs;

/// <summary>Looks at jobs that others own: those that this one waits for, and the children of an array.</summary>
internal sealed partial class JobGrain
{
    private const int LooksPerRead = 2_000;

    /// <summary>Rows of children that one step writes at most.</summary>
    private const int ChildrenPerStep = 1_000;

    public async Task LookAtDependencies(CancellationToken cancellationToken)
    {
        await ReadIfAsInsertedAsync(cancellationToken);
        while (_job is not null && await store.ReadOwedLooksAsync(JobId, LooksPerRead, cancellationToken) is { Count: > 0 } owed)
        {
            await LookAsync(new(JobId, owed), cancellationToken);
        }

        LeaveSoonIfEnded();
    }

    private async Task LookAsync(OwedLooks owed, CancellationToken cancellationToken)
    {
        var dependsOn = _job!.Spec.DependsOn;
        var verdict = IsWaiting ? await JudgeAsync(dependsOn, cancellationToken) : DependencyVerdict.Waiting;
        switch (verdict)
        {
            case DependencyVerdict.Met or DependencyVerdict.Waiting when IsWaiting && Dependencies.ChildrenWait(dependsOn):
                await LookForEachAsync(owed, verdict, cancellationToken);
                return;
            case DependencyVerdict.Met:
                await MoveAsync(_ => IsWaiting ? Submission.WhenMet(_job.Spec, time.GetUtcNow()) : [], cancellationToken, looked: owed);
                if (ArrayJobs.Schedulable(_job.State).Status == JobStatus.Runnable)
                {
                    post.Enqueue(QueueName!.Key, Entry());
                }

                break;
            case DependencyVerdict.Failed:
                await MoveAsync(_ => IsWaiting ? [new JobEvent.DependencyFailed(time.GetUtcNow())] : [], cancellationToken, looked: owed);
                break;
            case DependencyVerdict.Waiting:
                // The next one that ends owes the next look.
                await MoveAsync([], cancellationToken, looked: owed);
                return;
            default:
                throw new InvalidOperationException($"No such verdict: {verdict}.");
        }

        if (HasShare && _job.State.Status.IsTerminal())
        {
            post.Remove(QueueName!.Key, Entry());
        }

        await EndIfFullAsync(cancellationToken);
    }

    /// <summary>Whether it still waits for others; an array: whether its children without rows do.</summary>
    private bool IsWaiting => !_job!.State.Status.IsTerminal() && ArrayJobs.Schedulable(_job.State).Status is JobStatus.Submitted or JobStatus.Pending;

    private async Task<DependencyVerdict> JudgeAsync(IReadOnlyList<JobDependency> dependsOn, CancellationToken cancellationToken)
    {
        string[] whole = [.. Dependencies.Whole(dependsOn)];
        var found = whole.Length == 0
            ? []
            : (await store.ReadManyAsync(_job!.Scope, whole, cancellationToken)).ToDictionary(job => job.JobId, job => job.State.Status);
        return Dependencies.Judge(dependsOn, id => found.TryGetValue(id, out var status) ? status : null);
    }

    /// <summary>Gives rows to those children that wait no more, many in one step.</summary>
    private async Task LookForEachAsync(OwedLooks owed, DependencyVerdict whole, CancellationToken cancellationToken)
    {
        var spec = _job!.Spec;
        var own = await store.ReadArrayAsync(JobId, cancellationToken) ?? throw new JobStoreException($"Array {JobId} is gone from the store.");
        Dictionary<string, ArrayReading?> others = [];
        foreach (var id in Dependencies.EachToEachWith(spec.DependsOn))
        {
            others[id] = await store.ReadArrayAsync(id, cancellationToken);
        }

        _job = own.Parent;
        if (!IsWaiting)
        {
            await MoveAsync([], cancellationToken, looked: owed);
            return;
        }

        var plan = ArrayLook.Plan(
            spec,
            own.Parent.State.Unwritten!,
            own.Rows,
            whole,
            [.. owed.Looks.Select(look => look.Child)],
            (id, index) => others[id]?.StatusOf(index),
            ChildrenPerStep,
            time.GetUtcNow());
        var result = await CommitAsync(
            new()
            {
                Writes = [.. plan.Children.Select(child => new JobWrite(JobPartIds.Child(JobId, child.Index), 0, child.State, ParentVersion: own.Parent.Version) { Changes = child.Changes })],
                Looked = plan.IsWhole ? owed : null,
            },
            cancellationToken);
        if (result.Outcome != StepOutcome.Committed)
        {
            // A child or the array itself moved in between: the looks are still owed.
            return;
        }

        Tell(result);
        foreach (var child in plan.Children.Where(child => child.State.Status == JobStatus.Runnable))
        {
            post.Enqueue(QueueName!.Key, Entry() with { JobId = JobPartIds.Child(JobId, child.Index), Index = child.Index, ArraySize = 0 });
        }
    }

    /// <summary>Ends an array whose children have all ended.</summary>
    private async Task EndIfFullAsync(CancellationToken cancellationToken)
    {
        if (IsArray && _job is { State.Status: JobStatus.Pending }
            && await store.ReadManyAsync(_job.Scope, [JobId], cancellationToken) is [{ Children: { } children }]
            && ArrayJobs.Ended(children, time.GetUtcNow()) is { } ended)
        {
            await MoveAsync(state => state.Status.IsTerminal() ? [] : [ended], cancellationToken);
        }
    }
}
