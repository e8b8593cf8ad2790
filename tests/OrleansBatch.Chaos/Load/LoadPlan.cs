using System.Globalization;
using OrleansBatch.Chaos.Checker.History;

namespace OrleansBatch.Chaos.Load;

/// <summary>What is submitted in a run: a pure function of its seed.</summary>
internal static class LoadPlan
{
    /// <summary>Enough works for a number of starts, spread over a time.</summary>
    public static IReadOnlyList<Work> Make(int seed, int starts, TimeSpan time)
    {
        var random = new Random(seed);
        List<Work> works = [];
        for (var planned = 0; planned < starts;)
        {
            var work = One(random, works);
            // What is cancelled may never start, and a dependent of it neither.
            planned += work.Stop is null && work.DependsOn.Count == 0 ? work.Size ?? 1 : 0;
            works.Add(work);
        }

        return [.. works.Select((work, index) => work with { After = time * index / works.Count })];
    }

    private static Work One(Random random, List<Work> before)
    {
        var work = new Work
        {
            After = default,
            Key = string.Create(CultureInfo.InvariantCulture, $"w{before.Count:D5}"),
            Seconds = Pick(random, 0, 0.05, 0.1, 0.2, 0.5, 1, 3),
            Vcpus = random.Next(10) == 0 ? 2 : 1,
        };
        var kind = random.Next(100);
        return kind switch
        {
            < 45 => work,
            < 60 => work with { Attempts = 3, Exits = Pick<IReadOnlyList<int>>(random, [3, 0], [1, 2, 0], [4], [7]) },
            < 64 => work with { Attempts = 2, Exits = [5], ExitOnTerm = Pick<int?>(random, 0, 143) },
            < 70 when before.Count > 0 => work with { DependsOn = [new(Earlier(random, before).Key, Pick(random, null, "SEQUENTIAL"))] },
            // The end of one makes it look at both.
            < 74 when before.Count > 0 => work with
            {
                DependsOn = [.. new[] { Earlier(random, before).Key, Earlier(random, before).Key }.Distinct().Select(key => new PlannedDependency(key, null))],
            },
            < 80 => work with { Size = random.Next(2, 7), Attempts = random.Next(1, 3), Exits = Pick<IReadOnlyList<int>>(random, [0], [0], [1, 0]), Seconds = Pick(random, 0, 0.2) },
            < 83 => work with { Size = random.Next(2, 5), DependsOn = [new(null, "SEQUENTIAL")], Seconds = Pick(random, 0, 0.2) },
            < 86 when Earlier(random, before, work => work.Size is not null) is { } array => work with { Size = array.Size, DependsOn = [new(array.Key, "N_TO_N")], Seconds = 0 },
            < 93 => work with { Stop = "CancelJob", StopAfter = Moment(random), Attempts = 3, Exits = [1], Seconds = Pick(random, 0.2, 1, 2), Size = Sometimes(random) },
            _ => work with
            {
                Stop = "TerminateJob",
                StopAfter = Moment(random),
                Attempts = 3,
                Exits = [1],
                Seconds = Pick(random, 0.5, 2, 5),
                Size = Sometimes(random),
                // One in ten is only stopped by SIGKILL, half a minute later.
                ExitOnTerm = random.Next(10) == 0 ? null : Pick<int?>(random, 0, 143, 9),
            },
        };
    }

    private static int? Sometimes(Random random) => random.Next(5) == 0 ? random.Next(2, 6) : null;

    private static TimeSpan Moment(Random random) => TimeSpan.FromMilliseconds(Pick(random, 0, 5, 50, 300, 1500));

    private static Work Earlier(Random random, List<Work> before) => before[random.Next(Math.Max(0, before.Count - 20), before.Count)];

    private static Work? Earlier(Random random, List<Work> before, Func<Work, bool> wanted) =>
        before.TakeLast(60).Where(wanted).ToList() is { Count: > 0 } found ? found[random.Next(found.Count)] : null;

    private static T Pick<T>(Random random, params T[] values) => values[random.Next(values.Length)];
}
