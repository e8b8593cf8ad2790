using System.Globalization;
using OrleansBatch.Chaos.Checker.History;

namespace OrleansBatch.Chaos.Load;

/// <summary>What is submitted in a run: a pure function of its seed. A run takes as much of it as it needs.</summary>
internal static class LoadPlan
{
    /// <summary>Nodes of a multi-node job.</summary>
    public const int MostNodes = 3;

    /// <summary>Works without end, enough for a number of starts within a time, and as densely afterwards.</summary>
    /// <param name="seed">What it is made from.</param>
    /// <param name="starts">How many processes are to start within the time at least.</param>
    /// <param name="time">The time.</param>
    /// <param name="longest">How long the longest jobs take: longer than it takes to give up a node.</param>
    public static IEnumerable<Work> Make(int seed, int starts, TimeSpan time, TimeSpan longest)
    {
        var random = new Random(seed);
        List<Work> works = [];
        for (var planned = 0; planned < starts; planned += works[^1].SureStarts)
        {
            works.Add(One(random, works));
        }

        var (first, between) = (works.Count, time / works.Count);
        var nextLong = TimeSpan.Zero;
        Work? waiting = null;
        for (var index = 0; ; index++)
        {
            if (index >= first)
            {
                works.Add(One(random, works));
            }

            var after = between * index;
            // What takes long comes so early that the end of the run need not wait for it.
            if (after >= nextLong && after < time - longest)
            {
                nextLong = after + (longest / 2);
                var slow = Long(works[index], longest);
                waiting = Waiting(slow, after);
                yield return slow with { After = after };
            }

            if (after >= waiting?.After)
            {
                yield return waiting;
                waiting = null;
            }

            yield return (after > time - Work.StopTimeout ? works[index] with { ExitOnTerm = works[index].ExitOnTerm ?? 0 } : works[index]) with { After = after };
        }
    }

    /// <summary>One that runs when its node is given up, and is tried elsewhere.</summary>
    private static Work Long(Work beside, TimeSpan longest) => new() { After = default, Key = $"{beside.Key}-long", Seconds = Math.Round(longest.TotalSeconds, 1), Attempts = 3 };

    /// <summary>One that waits for it while it runs.</summary>
    private static Work Waiting(Work awaited, TimeSpan after) => new()
    {
        After = after + TimeSpan.FromSeconds(1),
        Key = $"{awaited.Key}-then",
        Seconds = 0,
        DependsOn = [new(awaited.Key, null)],
    };

    private static Work One(Random random, List<Work> before)
    {
        var work = new Work
        {
            After = default,
            Key = string.Create(CultureInfo.InvariantCulture, $"w{before.Count:D5}"),
            Seconds = Pick(random, 0, 0.05, 0.1, 0.2, 0.5, 1, 2),
            Vcpus = random.Next(10) == 0 ? 2 : 1,
        };
        var kind = random.Next(100);
        return kind switch
        {
            < 40 => work,
            // The first node is the main one: its end is the job's.
            < 46 => work with
            {
                Nodes = random.Next(2, MostNodes + 1),
                Vcpus = 1,
                Attempts = random.Next(1, 4),
                Exits = Pick<IReadOnlyList<int>>(random, [0], [0], [1, 0], [2]),
                Stop = Pick(random, null, null, null, "TerminateJob"),
                StopAfter = Moment(random),
            },
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
