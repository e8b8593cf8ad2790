namespace OrleansBatch.Client.Commands;

/// <summary>The time between two looks: short while there is news, longer and longer while there is none.</summary>
internal sealed class Pause(TimeSpan shortest, TimeSpan longest, TimeProvider time)
{
    private const double Growth = 1.5;

    private TimeSpan _next;

    /// <summary>Waits.</summary>
    public async Task TakeAsync(bool hadNews, CancellationToken cancellationToken)
    {
        _next = hadNews || _next < shortest ? shortest : _next;
        await Task.Delay(_next, time, cancellationToken);
        _next = TimeSpan.FromTicks(Math.Min((long)(_next.Ticks * Growth), longest.Ticks));
    }
}
