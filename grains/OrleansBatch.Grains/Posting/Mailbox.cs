using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace OrleansBatch.Grains.Posting;

/// <summary>Sends items to one kind of grain, in batches by key, and repeats each batch until it is answered.</summary>
/// <remarks>
/// For what goes back against the direction of awaited calls: the sender does not wait. While one batch of a key is under way the
/// next one forms, so there is never more than one message at a time to a grain. What dies with the process is found again from the rows.
/// </remarks>
internal sealed partial class Mailbox<TItem>(
    string what,
    Func<string, ImmutableArray<TItem>, CancellationToken, Task> send,
    TimeProvider time,
    ILogger logger,
    CancellationToken stopping)
{
    private const int MostPerBatch = 1_000;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Box> _boxes = new(StringComparer.Ordinal);

    /// <summary>Takes an item; returns at once.</summary>
    public void Post(string key, TItem item)
    {
        while (true)
        {
            var box = _boxes.GetOrAdd(key, static _ => new Box());
            lock (box)
            {
                if (box.IsGone)
                {
                    continue;
                }

                box.Items.Add(item);
                if (box.IsSending)
                {
                    return;
                }

                box.IsSending = true;
            }

            _ = SendAllAsync(key, box);
            return;
        }
    }

    private async Task SendAllAsync(string key, Box box)
    {
        // Off the caller's grain: its turn ends without waiting for this.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (Take(key, box) is { IsEmpty: false } batch)
        {
            await DeliverAsync(key, batch).ConfigureAwait(false);
        }
    }

    private ImmutableArray<TItem> Take(string key, Box box)
    {
        lock (box)
        {
            var count = Math.Min(box.Items.Count, MostPerBatch);
            if (count == 0)
            {
                // There may be a key for each job there ever is.
                box.IsGone = true;
                _boxes.TryRemove(KeyValuePair.Create(key, box));
                return [];
            }

            var batch = box.Items.Take(count).ToImmutableArray();
            box.Items.RemoveRange(0, count);
            return batch;
        }
    }

    private async Task DeliverAsync(string key, ImmutableArray<TItem> batch)
    {
        for (var delay = FirstDelay; ; delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay)
        {
            try
            {
                await send(key, batch, stopping).ConfigureAwait(false);
                return;
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                // The program ends; the next start finds what is owed from the rows.
                return;
            }
            catch (Exception exception)
            {
                LogRepeating(exception, what, key, batch.Length, delay);
            }

            try
            {
                await Task.Delay(delay, time, stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What} to {Key} was not answered; {Count} items go again in {Delay}")]
    private partial void LogRepeating(Exception exception, string what, string key, int count, TimeSpan delay);

    private sealed class Box
    {
        public List<TItem> Items { get; } = [];

        public bool IsSending { get; set; }

        /// <summary>Emptied and out of use: the next item makes a new box.</summary>
        public bool IsGone { get; set; }
    }
}
