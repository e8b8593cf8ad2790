using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Events;

/// <summary>An event as it was read back.</summary>
/// <param name="Position">Its place in the order of all events.</param>
/// <param name="Job">The job as it is now.</param>
/// <param name="Number">Its place in the order of the job's events: from 1, without gaps.</param>
/// <param name="Change">What it tells.</param>
public sealed record RecordedEvent(EventPosition Position, JobRecord Job, int Number, JobChange Change);
