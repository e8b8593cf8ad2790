using OrleansBatch.Core.Names;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs;

/// <summary>What a look at the jobs that one waits for came to.</summary>
public enum DependencyVerdict
{
    /// <summary>One at least is still open, and none FAILED.</summary>
    Waiting = 0,

    /// <summary>All SUCCEEDED.</summary>
    Met,

    /// <summary>One FAILED: the others are not awaited.</summary>
    Failed,
}

/// <summary>Jobs that wait for jobs.</summary>
/// <remarks>Source: AWS Batch user guide, "Job dependencies"; API, SubmitJob.</remarks>
public static class Dependencies
{
    private const int Maximum = 20;
    private const string Sequential = "SEQUENTIAL";
    private const string EachToEach = "N_TO_N";

    /// <summary>Checks what can be checked without looking at the jobs.</summary>
    /// <exception cref="BatchClientException">An entry breaks a rule.</exception>
    public static void Check(IReadOnlyList<JobDependency>? dependsOn, bool isArray)
    {
        if (dependsOn?.Count > Maximum)
        {
            throw new BatchClientException($"dependsOn can have at most {Maximum} entries, got {dependsOn.Count}.");
        }

        foreach (var (i, entry) in (dependsOn ?? []).Index())
        {
            // JSON can carry a null where the type says an object.
            if (entry is null)
            {
                throw new BatchClientException($"dependsOn[{i}] must be an object with jobId or type.");
            }

            Check(i, entry, isArray);
        }
    }

    /// <summary>The entries with ids for ARNs. <see cref="Check(IReadOnlyList{JobDependency}?, bool)"/> has accepted them.</summary>
    /// <exception cref="BatchClientException">An id is none that could exist in the scope.</exception>
    public static IReadOnlyList<JobDependency> Read(IReadOnlyList<JobDependency>? dependsOn, Scope scope) =>
        dependsOn is not { Count: > 0 } ? [] : [.. dependsOn.Select((entry, i) => Read(i, entry, scope))];

    /// <summary>The ids of all jobs that are named, each once.</summary>
    public static IReadOnlyList<string> Named(IReadOnlyList<JobDependency> dependsOn) =>
        [.. dependsOn.Where(entry => entry.JobId is not null).Select(entry => entry.JobId!).Distinct()];

    /// <summary>Checks the entries against the jobs that they name.</summary>
    /// <param name="dependsOn">As <see cref="Read(IReadOnlyList{JobDependency}?, Scope)"/> gave them.</param>
    /// <param name="size">Children of the job that is submitted; null when it is single.</param>
    /// <param name="found">Those of the named jobs that exist, by id.</param>
    /// <exception cref="BatchClientException">A job does not exist, or is no array of the same size where that is asked for.</exception>
    public static void CheckTargets(IReadOnlyList<JobDependency> dependsOn, int? size, IReadOnlyDictionary<string, JobRecord> found)
    {
        foreach (var (i, entry) in dependsOn.Index())
        {
            if (entry.JobId is not { } id)
            {
                continue;
            }

            if (!found.TryGetValue(id, out var target))
            {
                throw new BatchClientException($"dependsOn[{i}].jobId: job {id} does not exist");
            }

            if (IsEachToEach(entry) && (target.Child is not null || target.Spec.ArraySize != size))
            {
                var other = target.Child is null && target.Spec.ArraySize is { } children ? $"an array of {children}" : "not an array";
                throw new BatchClientException($"dependsOn[{i}]: N_TO_N needs an array of the same size, {size}; job {id} is {other}.");
            }
        }
    }

    /// <summary>Whether children of an array wait for one another or for another array's children.</summary>
    public static bool ChildrenWait(IReadOnlyList<JobDependency> dependsOn) => dependsOn.Any(entry => IsSequence(entry) || IsEachToEach(entry));

    /// <summary>Whether the children of an array wait for one another.</summary>
    public static bool IsSequence(IReadOnlyList<JobDependency> dependsOn) => dependsOn.Any(IsSequence);

    /// <summary>The arrays whose children an array's children wait for, one for one.</summary>
    public static IEnumerable<string> EachToEachWith(IReadOnlyList<JobDependency> dependsOn) =>
        dependsOn.Where(IsEachToEach).Select(entry => entry.JobId!).Distinct();

    /// <summary>The jobs that must SUCCEED as wholes.</summary>
    public static IEnumerable<string> Whole(IReadOnlyList<JobDependency> dependsOn) =>
        dependsOn.Where(entry => entry.JobId is not null && !IsEachToEach(entry)).Select(entry => entry.JobId!).Distinct();

    /// <summary>Looks at the jobs that must SUCCEED as wholes.</summary>
    /// <param name="dependsOn">The entries.</param>
    /// <param name="statusOf">A job's status; null when it is gone, which counts as FAILED: it will never SUCCEED.</param>
    public static DependencyVerdict Judge(IReadOnlyList<JobDependency> dependsOn, Func<string, JobStatus?> statusOf) =>
        Judge(Whole(dependsOn).Select(statusOf));

    /// <summary>Looks at what one child waits for beside what its whole array waits for.</summary>
    /// <param name="dependsOn">The array's entries.</param>
    /// <param name="index">The child.</param>
    /// <param name="ownChild">The status of another child of the same array.</param>
    /// <param name="childOf">The status of a child of another array; null when it is gone.</param>
    public static DependencyVerdict JudgeChild(
        IReadOnlyList<JobDependency> dependsOn, int index, Func<int, JobStatus> ownChild, Func<string, int, JobStatus?> childOf)
    {
        IEnumerable<JobStatus?> former = index > 0 && IsSequence(dependsOn) ? [ownChild(index - 1)] : [];
        return Judge(former.Concat(EachToEachWith(dependsOn).Select(array => childOf(array, index))));
    }

    /// <summary>What a child of an array waits for, as its description shows it.</summary>
    public static IReadOnlyList<JobDependency> OfChild(IReadOnlyList<JobDependency> dependsOn, ArrayChild child) =>
    [
        .. dependsOn
            .Where(entry => !IsSequence(entry) || child.Index > 0)
            .Select(entry => IsSequence(entry) ? entry with { JobId = JobPartIds.Child(child.ParentId, child.Index - 1) }
                : IsEachToEach(entry) ? entry with { JobId = JobPartIds.Child(entry.JobId!, child.Index) }
                : entry),
    ];

    private static DependencyVerdict Judge(IEnumerable<JobStatus?> statuses)
    {
        var verdict = DependencyVerdict.Met;
        foreach (var status in statuses)
        {
            if (status is null or JobStatus.Failed)
            {
                return DependencyVerdict.Failed;
            }

#if PLANTED_BUGS
            if (status is JobStatus.Running or JobStatus.Starting && PlantedBugs.Planted.Is("start-dependents-early"))
            {
                continue;
            }

#endif
            verdict = status == JobStatus.Succeeded ? verdict : DependencyVerdict.Waiting;
        }

        return verdict;
    }

    private static void Check(int i, JobDependency entry, bool isArray)
    {
        if (!string.IsNullOrEmpty(entry.Type) && entry.Type is not (Sequential or EachToEach))
        {
            throw new BatchClientException($"dependsOn[{i}].type '{entry.Type}' is not valid. Valid values are: [{EachToEach}, {Sequential}].");
        }

        if (entry.Type == EachToEach && !isArray)
        {
            throw new BatchClientException($"dependsOn[{i}]: type {EachToEach} is for array jobs.");
        }

        if (string.IsNullOrEmpty(entry.JobId) && !(entry.Type == Sequential && isArray))
        {
            throw new BatchClientException(entry.Type == Sequential
                ? $"dependsOn[{i}]: type {Sequential} without a jobId is for array jobs."
                : $"dependsOn[{i}].jobId is required.");
        }
    }

    private static JobDependency Read(int i, JobDependency entry, Scope scope)
    {
        var type = string.IsNullOrEmpty(entry.Type) ? null : entry.Type;
        if (string.IsNullOrEmpty(entry.JobId))
        {
            return new() { Type = type };
        }

        var id = Arns.FindJobId(entry.JobId, scope) ?? throw new BatchClientException(
            entry.JobId.StartsWith("arn:", StringComparison.Ordinal)
                ? $"dependsOn[{i}].jobId: job {entry.JobId} does not exist"
                : $"dependsOn[{i}].jobId '{entry.JobId}' is not a job id: expected a lower-case UUID.");
        return id.Contains('#', StringComparison.Ordinal)
            ? throw new BatchClientException($"dependsOn[{i}].jobId: {id} is one node of a multi-node parallel job: only the whole job can be waited for.")
            : new() { JobId = id, Type = type };
    }

    private static bool IsSequence(JobDependency entry) => entry is { JobId: null, Type: Sequential };

    private static bool IsEachToEach(JobDependency entry) => entry.Type == EachToEach;
}
