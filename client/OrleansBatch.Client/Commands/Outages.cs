using OrleansBatch.Client.Transports;

namespace OrleansBatch.Client.Commands;

/// <summary>Rides out a scheduler that is away for a moment: jobs outlive its restart, and so should whoever waits for them.</summary>
/// <param name="error">Is told once for each outage.</param>
/// <param name="time">The clock.</param>
internal sealed class Outages(TextWriter error, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private bool _wasThere;

    /// <summary>Looks until there is an answer. Before the first answer there is nothing to wait for: a failure is one at once.</summary>
    public async Task<T> RideOutAsync<T>(Func<Task<T>> look, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var pause = new Pause(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), time);
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                var answer = await look();
                _wasThere = true;
                return answer;
            }
            catch (Exception failure) when (_wasThere
                && failure is (UnreachableException or ServiceFailureException)
                && time.GetElapsedTime(began) < Patience)
            {
                if (isFirst)
                {
                    await error.WriteLineAsync($"{failure.Message} Trying again for {Patience.TotalSeconds} s.");
                }
            }

            await pause.TakeAsync(hadNews: false, cancellationToken);
        }
    }
}
