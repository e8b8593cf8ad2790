using Orleans.Concurrency;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Logs;
using OrleansBatch.Core.Logs.Reading;
using OrleansBatch.GrainInterfaces.Logs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Logs;

/// <summary>Finds streams in the store and reads their lines where they were written, or what was shipped of them. Keeps nothing.</summary>
[StatelessWorker, Reentrant]
internal sealed class LogsGrain(ILogStore store, IShippedLogStore shipped, INodeStore nodes, TimeProvider time) : Grain, ILogsGrain
{
    /// <summary>Files that are read at once.</summary>
    private const int ReadsAtOnce = 8;

    /// <summary>Rows that one page looks at, most of which may lie outside its times.</summary>
    private const int MostRows = 1_000;

    /// <summary>Text that one page of several streams keeps in memory before it stops opening further ones.</summary>
    private const long MostCharacters = 8 * 1024 * 1024;

    /// <summary>Lines of one stream that a page of several reads at least.</summary>
    private const int LeastLines = 100;

    /// <summary>What ended within this time counts as not ended: its commit may still be under way.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private Scope Scope => field ??= Scope.Parse(this.GetPrimaryKeyString());

    /// <summary>To the millisecond, as tokens carry it.</summary>
    private DateTimeOffset Boundary => DateTimeOffset.FromUnixTimeMilliseconds((time.GetUtcNow() - Margin).ToUnixTimeMilliseconds());

    public async Task<GetLogEventsResponse> GetEvents(GetLogEventsRequest request, CancellationToken cancellationToken)
    {
        var query = LogRules.GetEvents(request, Scope);
        var page = await ReadAsync(await SourcesAsync(cancellationToken), query, cancellationToken);
        if (!page.Exists)
        {
            await CheckGroupAsync(new(Scope, query.Log.Group), cancellationToken);
        }

        return LogRules.Answer(query, page);
    }

    public async Task<FilterLogEventsResponse> FilterEvents(FilterLogEventsRequest request, CancellationToken cancellationToken)
    {
        var plan = FilterPlan.Of(request, Scope, Boundary);
        await CheckGroupAsync(plan.Group, cancellationToken);
        if (plan.Names is { } names)
        {
            var named = await ReadAsync(plan, names, names.Length, cancellationToken);
            return named.All(one => one.Page.Exists)
                ? LogMerge.Page(plan, named, chunkLast: null, hasMore: false)
                : throw LogRules.NoStream();
        }

        var listed = await store.ListStreamsAsync(ListingOf(plan), cancellationToken);
        var inTime = listed.Streams.Where(one => Overlaps(one.Stream, plan)).ToList();
        var chunk = plan.ChunkLast is null ? inTime.Take(FilterPlan.MostStreams).ToList() : inTime;
        var read = await ReadAsync(plan, [.. chunk.Select(one => one.Stream.Stream)], chunk.Count, cancellationToken);

        // The chunk ends with the last stream that was read, or with the last row where all of them were.
        var isCut = read.Count < inTime.Count;
        var last = plan.ChunkLast ?? (isCut ? chunk[read.Count - 1].Cursor : listed.Streams is [.., var end] ? end.Cursor : null);
        return LogMerge.Page(plan, read, last, hasMore: isCut || listed.HasMore || plan.ChunkLast is not null);
    }

    public async Task<DescribeLogStreamsResponse> DescribeStreams(DescribeLogStreamsRequest request, CancellationToken cancellationToken)
    {
        var plan = StreamsPlan.Of(request, Scope, Boundary);
        await CheckGroupAsync(plan.Group, cancellationToken);
        var page = await store.ListStreamsAsync(
            new()
            {
                Group = plan.Group,
                Order = plan.ByTime ? LogStreamOrder.End : LogStreamOrder.Name,
                IsDescending = plan.IsDescending,
                Prefix = plan.Prefix,
                Boundary = plan.Boundary,
                After = plan.After,
                Limit = plan.Limit,
            },
            cancellationToken);
        List<StreamFacts> facts = [];
        var sources = await SourcesAsync(cancellationToken);
        foreach (var some in page.Streams.Chunk(ReadsAtOnce))
        {
            facts.AddRange(await Task.WhenAll(some.Select(one => FactsAsync(sources, one.Stream, cancellationToken))));
        }

        return plan.Answer(facts, page.HasMore ? page.Streams[^1].Cursor : null);
    }

    public async Task<DescribeLogGroupsResponse> DescribeGroups(DescribeLogGroupsRequest request, CancellationToken cancellationToken)
    {
        var plan = GroupsPlan.Of(request, Scope);
        if (plan.Names is { } names)
        {
            var found = await Task.WhenAll(names.Where(name => string.CompareOrdinal(name, plan.From) >= 0)
                .Select(name => FindGroupAsync(new(Scope, name), cancellationToken)));
            return plan.Answer([.. found.OfType<LogGroupRow>().Select(group => (group.Name, group.CreatedAt))], hasMore: false);
        }

        var groups = (await store.ListGroupsAsync(Scope, plan.From, MostRows, cancellationToken)).ToList();
        var hasMore = groups.Count == MostRows;
        if (groups.All(group => group.Name != LogNames.DefaultGroup)
            && string.CompareOrdinal(LogNames.DefaultGroup, plan.From) >= 0
            && (!hasMore || string.CompareOrdinal(LogNames.DefaultGroup, groups[^1].Name) < 0))
        {
            groups.Add(new(LogNames.DefaultGroup, DateTimeOffset.UnixEpoch));
        }

        return plan.Answer([.. groups.OrderBy(group => group.Name, StringComparer.Ordinal).Select(group => (group.Name, group.CreatedAt))], hasMore);
    }

    private static LogStreamListing ListingOf(FilterPlan plan) => new()
    {
        Group = plan.Group,
        Order = plan.Prefix is null ? LogStreamOrder.End : LogStreamOrder.Name,
        IsDescending = !plan.Forwards,
        Prefix = plan.Prefix ?? "",
        EndedFrom = plan.From ?? DateTimeOffset.UnixEpoch,
        Boundary = plan.Boundary,
        After = plan.ChunkAfter,
        Last = plan.ChunkLast,
        Limit = MostRows,
    };

    // Times of rows and of lines are taken at different places: a second is far more than lies between them.
    private static bool Overlaps(LogStreamRow stream, FilterPlan plan) =>
        (plan.Until is null || stream.CreatedAt <= plan.Until.Value.AddSeconds(1)) && (plan.From is null || stream.EndedAt is null || stream.EndedAt >= plan.From);

    /// <summary>Reads of each stream what comes next; of all of them, or of the first so many as fit into memory.</summary>
    private async Task<List<(string Stream, LogPage Page)>> ReadAsync(
        FilterPlan plan, IReadOnlyList<string> streams, int count, CancellationToken cancellationToken)
    {
        var lines = Math.Min(LogRules.MaxEvents, Math.Max(LeastLines, plan.Limit / Math.Max(1, count)));
        List<(string, LogPage)> read = [];
        var kept = 0L;
        var sources = await SourcesAsync(cancellationToken);
        foreach (var some in streams.Chunk(ReadsAtOnce))
        {
            var pages = await Task.WhenAll(some.Select(stream => ReadAsync(sources, plan.QueryOf(stream, lines), cancellationToken)));
            read.AddRange(some.Zip(pages));
            kept += pages.Sum(page => page.Lines.Sum(line => (long)line.Message.Length));

            // A chunk that was begun is gone through whole: some of the lines of all its streams have been given.
            if (kept > MostCharacters && plan is { Names: null, ChunkLast: null })
            {
                break;
            }
        }

        return read;
    }

    private async Task<StreamFacts> FactsAsync(LogSources sources, LogStreamRow stream, CancellationToken cancellationToken)
    {
        var first = new LogQuery
        {
            Log = new() { Scope = Scope, Group = stream.Group.Name, Stream = stream.Stream },
            Forwards = true,
            Limit = 1,
            MaxBytes = LogRules.MaxBytes,
        };
        var ends = await Task.WhenAll(
            ReadAsync(sources, first, cancellationToken), ReadAsync(sources, first with { Forwards = false }, cancellationToken));
        return new(stream.Stream, stream.CreatedAt, TimeOf(ends[0]), TimeOf(ends[1]));
    }

    private async Task<LogSources> SourcesAsync(CancellationToken cancellationToken) =>
        new(await nodes.ListAsync(cancellationToken), GrainFactory, new(shipped));

    /// <summary>A page of a stream. One of which nothing was shipped before its node went away exists and is silent, if any attempt ever had it.</summary>
    private async Task<LogPage> ReadAsync(LogSources sources, LogQuery query, CancellationToken cancellationToken) =>
        await sources.ReadAsync(query, cancellationToken) ?? LogReader.None(query) with { Exists = await ExistsAsync(query.Log, cancellationToken) };

    private async Task<bool> ExistsAsync(LogLocation log, CancellationToken cancellationToken)
    {
        var listing = new LogStreamListing { Group = new(log.Scope, log.Group), Order = LogStreamOrder.Name, Prefix = log.Stream, Limit = 1 };
        return (await store.ListStreamsAsync(listing, cancellationToken)).Streams is [var first, ..] && first.Stream.Stream == log.Stream;
    }

    private static DateTimeOffset? TimeOf(LogPage page) => page.Lines is [var line, ..] ? line.Timestamp : null;

    private async Task CheckGroupAsync(ScopedName group, CancellationToken cancellationToken)
    {
        if (group.Name != LogNames.DefaultGroup && await FindGroupAsync(group, cancellationToken) is null)
        {
            throw LogRules.NoGroup();
        }
    }

    private async Task<LogGroupRow?> FindGroupAsync(ScopedName group, CancellationToken cancellationToken) =>
        await store.ReadGroupAsync(group, cancellationToken)
            ?? (group.Name == LogNames.DefaultGroup ? new(LogNames.DefaultGroup, DateTimeOffset.UnixEpoch) : null);
}
