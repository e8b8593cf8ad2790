using System.Collections.Immutable;
using OrleansBatch.Core.Events;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Steps;

/// <summary>A row to insert.</summary>
internal sealed class PreparedInsert(NewJob job)
{
    public string JobId => job.JobId;

    public Scope Scope => job.Scope;

    public JobSpec Spec => job.Spec;

    public ScopedName Queue { get; } = new(job.Scope, job.Spec.JobQueue);

    public ImmutableArray<Wait> Waits => job.Waits;

    /// <summary>To the millisecond, as it is stored.</summary>
    public DateTimeOffset CreatedAt { get; } = DateTimeOffset.FromUnixTimeMilliseconds(job.CreatedAt.ToUnixTimeMilliseconds());

    public string FoldedName { get; } = job.Spec.JobName.ToLowerInvariant();

    public byte[] SpecJson { get; } = StoreJson.Write(job.Spec);

    public JobState State => job.State;

    public ImmutableArray<JobChange> Changes => job.Changes;

    public ImmutableArray<JobChange> UnwrittenChanges => job.UnwrittenChanges;

    public byte[] StateJson { get; } = StoreJson.Write(job.State);
}

/// <summary>A row to change.</summary>
internal sealed class PreparedUpdate(JobWrite write)
{
    public string JobId => write.JobId;

    public long ExpectedVersion => write.ExpectedVersion;

    public JobState State => write.State;

    public ImmutableArray<LogStreamRow> EndedLogs => write.EndedLog is { } first ? [first, .. write.OtherEndedLogs] : [];

    public long? ParentVersion => write.ParentVersion;

    public ShareUse? Used => write.Used;

    public PreparedHost? EndedHost { get; } = write.EndedHost is { } ended ? new(ended) : null;

    public ImmutableArray<ConsumableClaim> Claims => write.Claims;

    public ImmutableArray<JobChange> Changes => write.Changes;

    public ImmutableArray<JobChange> UnwrittenChanges => write.UnwrittenChanges;

    public byte[] StateJson { get; } = StoreJson.Write(write.State);
}

/// <summary>A host to write.</summary>
internal sealed class PreparedHost(HostRow row)
{
    /// <summary>Costs are stored in this part of a USD.</summary>
    public const decimal NanoUsd = 1_000_000_000m;

    public HostRow Row => row;

    /// <summary>What it has cost; null while it is there.</summary>
    public long? CostNanoUsd { get; } = row.CostUsd is { } usd ? (long)Math.Ceiling(usd * NanoUsd) : null;

    public byte[] Json { get; } = StoreJson.Write(row);
}
