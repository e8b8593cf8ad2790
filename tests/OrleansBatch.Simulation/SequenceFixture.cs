using System.Globalization;
using OrleansBatch.Simulation.Properties;

[assembly: AssemblyFixture(typeof(OrleansBatch.Simulation.SequenceFixture))]

namespace OrleansBatch.Simulation;

/// <summary>Tries the sequences once; each property's test asks what became of its own.</summary>
/// <remarks><c>ORLEANSBATCH_SIMULATION_SEED</c> and <c>ORLEANSBATCH_SIMULATION_SEQUENCES</c> try others, and more.</remarks>
public sealed class SequenceFixture
{
    private const uint Count = 100_000;

    private readonly Lazy<IReadOnlyDictionary<Property, Failure>> _failures = new(() =>
        Sequences.Try(Read("ORLEANSBATCH_SIMULATION_SEED", 1), (uint)Read("ORLEANSBATCH_SIMULATION_SEQUENCES", Count)));

    /// <summary>Fails with the shortest sequence that breaks the property.</summary>
    public void Check(Property property)
    {
        if (_failures.Value.TryGetValue(property, out var failure))
        {
            var shortest = Sequences.Shorten(property, failure);
            Assert.Fail($"{property}: {shortest.What}\n{shortest.Sequence}");
        }
    }

    private static ulong Read(string variable, ulong otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? ulong.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
