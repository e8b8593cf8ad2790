using System.Globalization;
using Orleans.Concurrency;
using OrleansBatch.Core.Events;
using OrleansBatch.GrainInterfaces.Events;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Events;

namespace OrleansBatch.Grains.Events;

/// <summary>Reads events. Keeps nothing, so that every silo may have many.</summary>
[StatelessWorker, Reentrant]
internal sealed class EventsGrain(IEventStore store, TimeProvider time) : Grain, IEventsGrain
{
    private Scope Scope => field ??= Scope.Parse(this.GetPrimaryKeyString());

    public async Task<ListEventsResponse> List(ListEventsRequest request, CancellationToken cancellationToken)
    {
        var listing = EventListing.Read(request, Scope);
        using var patience = new CancellationTokenSource(listing.Wait > TimeSpan.Zero ? listing.Wait : Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        return listing switch
        {
            EventListing.OfJob ofJob => await ListAsync(ofJob, either.Token, cancellationToken),
            EventListing.OfAll ofAll => await ListAsync(ofAll, either.Token, cancellationToken),
            _ => throw new InvalidOperationException($"No such listing: {listing}."),
        };
    }

    private async Task<ListEventsResponse> ListAsync(EventListing.OfJob listing, CancellationToken patience, CancellationToken cancellationToken)
    {
        while (true)
        {
            var newest = await store.NewestAsync(cancellationToken);
            var events = await store.ReadOfJobAsync(Scope, listing.JobId, listing.After, listing.Limit + 1, cancellationToken)
                ?? throw EventListing.NoJob(listing.JobId);
            if (events.Count > 0 || !await WaitsAsync(listing, newest, patience, cancellationToken))
            {
                var page = events.Take(listing.Limit).ToList();
                return new()
                {
                    Events = [.. page.Select(EventEnvelopes.Of)],
                    NextCursor = (page.Count == 0 ? listing.After : page[^1].Number).ToString(CultureInfo.InvariantCulture),
                    HasMore = events.Count > listing.Limit,
                };
            }
        }
    }

    private async Task<ListEventsResponse> ListAsync(EventListing.OfAll listing, CancellationToken patience, CancellationToken cancellationToken)
    {
        var after = listing.After ?? await store.NewestAsync(cancellationToken);
        while (true)
        {
            var page = await store.ReadAsync(listing.Filter, after, listing.Limit, cancellationToken);
            if (page.Events.Count > 0 || page.HasMore || !await WaitsAsync(listing, page.Next, patience, cancellationToken))
            {
                return new() { Events = [.. page.Events.Select(EventEnvelopes.Of)], NextCursor = page.Next.ToString(), HasMore = page.HasMore };
            }

            after = page.Next;
        }
    }

    /// <summary>Waits for events behind a position; false when it is time to answer.</summary>
    private async Task<bool> WaitsAsync(EventListing listing, EventPosition after, CancellationToken patience, CancellationToken cancellationToken)
    {
        if (listing.Wait == TimeSpan.Zero)
        {
            return false;
        }

        try
        {
            await store.WaitAsync(after, patience);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
