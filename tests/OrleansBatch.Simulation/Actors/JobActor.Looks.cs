using OrleansBatch.Core.Jobs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Simulation.Actors;

/// <summary>As <c>JobGrain.Looks</c>: looks at jobs that others own.</summary>
internal sealed partial class JobActor
{
    private const int ChildrenPerStep = 2;

    public async Task LookAtDependenciesAsync()
    {
        while (_job is not null && await silo.ReadAsync(store => store.ReadOwedLooks(jobId)) is { Count: > 0 } owed)
        {
            await LookAsync(new(jobId, owed));
        }

        LeaveIfEnded();
    }

    private bool IsWaiting => !_job!.State.Status.IsTerminal() && (_job.State.Unwritten ?? _job.State).Status is JobStatus.Submitted or JobStatus.Pending;

    private async Task LookAsync(OwedLooks owed)
    {
        var dependsOn = _job!.Spec.DependsOn;
        var verdict = IsWaiting ? await JudgeAsync(dependsOn) : DependencyVerdict.Waiting;
        switch (verdict)
        {
            case DependencyVerdict.Met or DependencyVerdict.Waiting when IsWaiting && Dependencies.ChildrenWait(dependsOn):
                await LookForEachAsync(owed, verdict);
                return;
            case DependencyVerdict.Met:
                await MoveAsync(_ => IsWaiting ? Submission.WhenMet(_job.Spec, silo.Now) : [], looked: owed);
                if ((_job.State.Unwritten ?? _job.State).Status == JobStatus.Runnable)
                {
                    silo.Post.Enqueue(QueueName, Entry());
                }

                break;
            case DependencyVerdict.Failed:
                await MoveAsync(_ => IsWaiting ? [new JobEvent.DependencyFailed(silo.Now)] : [], looked: owed);
                break;
            case DependencyVerdict.Waiting:
                await MoveAsync(_ => [], looked: owed);
                return;
        }

        await EndIfFullAsync();
    }

    private async Task<DependencyVerdict> JudgeAsync(IReadOnlyList<JobDependency> dependsOn)
    {
        string[] whole = [.. Dependencies.Whole(dependsOn)];
        var found = whole.Length == 0
            ? []
            : await silo.ReadAsync(store => whole.Select(store.Read).OfType<JobRecord>().ToDictionary(job => job.JobId, job => job.State.Status));
        return Dependencies.Judge(dependsOn, id => found.TryGetValue(id, out var status) ? Seen(status) : null);
    }

    private async Task LookForEachAsync(OwedLooks owed, DependencyVerdict whole)
    {
        var spec = _job!.Spec;
        var own = (await silo.ReadAsync(store => store.ReadArray(jobId)))!;
        Dictionary<string, ArrayReading?> others = [];
        foreach (var id in Dependencies.EachToEachWith(spec.DependsOn))
        {
            others[id] = await silo.ReadAsync(store => store.ReadArray(id));
        }

        _job = own.Parent;
        if (!IsWaiting)
        {
            await MoveAsync(_ => [], looked: owed);
            return;
        }

        var plan = ArrayLook.Plan(
            spec,
            own.Parent.State.Unwritten!,
            own.Rows,
            whole,
            [.. owed.Looks.Select(look => look.Child)],
            (id, index) => others[id] is { } other ? Seen(other.StatusOf(index)) : null,
            ChildrenPerStep,
            silo.Now);
        var result = await CommitAsync(
            new()
            {
                Writes = [.. plan.Children.Select(child => new JobWrite(JobPartIds.Child(jobId, child.Index), 0, child.State, ParentVersion: own.Parent.Version))],
                Looked = plan.IsWhole ? owed : null,
            });
        if (result.Outcome != StepOutcome.Committed)
        {
            return;
        }

        Tell(result);
        foreach (var child in plan.Children.Where(child => child.State.Status == JobStatus.Runnable))
        {
            silo.Post.Enqueue(QueueName, Entry() with { JobId = JobPartIds.Child(jobId, child.Index), Index = child.Index, ArraySize = 0 });
        }
    }

    private async Task EndIfFullAsync()
    {
        if (_job is { State: { Unwritten: not null, Status: JobStatus.Pending } }
            && await silo.ReadAsync(store => store.Read(jobId)) is { Children: { } children }
            && (ArrayJobs.Ended(children, silo.Now) ?? EndedEarly(children)) is { } ended)
        {
            await MoveAsync(state => state.Status.IsTerminal() ? [] : [ended]);
        }
    }

    private JobStatus Seen(JobStatus status) => silo.Bug == PlantedBug.MetByAnyEnd && status == JobStatus.Failed ? JobStatus.Succeeded : status;

    private JobEvent.ChildrenEnded? EndedEarly(ArrayCounts children) => silo.Bug == PlantedBug.ArrayEndsEarly && children.Of(JobStatus.Failed) > 0
        ? new(false, children.FirstStartedAt, silo.Now)
        : null;
}
