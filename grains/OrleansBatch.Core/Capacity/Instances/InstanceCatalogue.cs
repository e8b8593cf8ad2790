using System.Collections.Frozen;
using System.Collections.Immutable;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Capacity.Instances;

/// <summary>The instance types there are, and what bundles of families mean.</summary>
/// <remarks>
/// The one that is built in has Linux sizes and prices that were typical of us-east-1. An operator can give a file of the same form instead:
/// see <see cref="InstanceCatalogueReader"/>.
/// </remarks>
public sealed class InstanceCatalogue
{
    private static readonly Lazy<InstanceCatalogue> Embedded = new(ReadEmbedded);
    private readonly FrozenDictionary<string, InstanceType> _byName;
    private readonly FrozenDictionary<string, ImmutableArray<InstanceType>> _byFamily;

    /// <summary>A catalogue of these.</summary>
    /// <param name="types">Each name once.</param>
    /// <param name="bundles">By their names, the families that each stands for.</param>
    /// <param name="fargate">What Fargate costs.</param>
    public InstanceCatalogue(
        IEnumerable<InstanceType> types, IReadOnlyDictionary<string, ImmutableArray<string>> bundles, FargatePrices fargate)
    {
        // The smaller first, so that a family reads as its sizes grow.
        Types = [.. types.OrderBy(type => type.Family, StringComparer.Ordinal).ThenBy(type => type.Vcpus).ThenBy(type => type.Name, StringComparer.Ordinal)];
        Bundles = bundles.ToFrozenDictionary(StringComparer.Ordinal);
        Fargate = fargate;
        _byName = Types.ToFrozenDictionary(type => type.Name, StringComparer.Ordinal);
        _byFamily = Types.GroupBy(type => type.Family, StringComparer.Ordinal)
            .ToFrozenDictionary(family => family.Key, family => family.ToImmutableArray(), StringComparer.Ordinal);
    }

    /// <summary>The one that comes with the program.</summary>
    public static InstanceCatalogue BuiltIn => Embedded.Value;

    /// <summary>All types, by family and size.</summary>
    public ImmutableArray<InstanceType> Types { get; }

    /// <summary>Such as <c>optimal</c>, with the families that each stands for.</summary>
    public IReadOnlyDictionary<string, ImmutableArray<string>> Bundles { get; }

    /// <summary>What Fargate costs.</summary>
    public FargatePrices Fargate { get; }

    /// <summary>A type by its name; null when it is not in here.</summary>
    public InstanceType? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>What an environment's instanceTypes stand for, in their order.</summary>
    /// <param name="instanceTypes">Sizes, families and bundles.</param>
    /// <remarks>
    /// A family stands for its sizes, but not for the whole machines (metal), nor for those that are also listed singly. What is not in here is
    /// told, not refused: an environment may be older than the catalogue.
    /// Source: AWS Batch API, ComputeResource.instanceTypes and allocationStrategy.
    /// </remarks>
    public InstanceSelection Resolve(IReadOnlyList<string> instanceTypes)
    {
        var singly = instanceTypes.Where(_byName.ContainsKey).ToHashSet(StringComparer.Ordinal);
        var choices = ImmutableArray.CreateBuilder<InstanceChoice>();
        var unknown = ImmutableArray.CreateBuilder<string>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (place, name) in instanceTypes.Index())
        {
            var found = Of(name, singly);
            if (found.IsDefault)
            {
                unknown.Add(name);
                continue;
            }

            choices.AddRange(found.Where(type => taken.Add(type.Name)).Select(type => new InstanceChoice(type, place)));
        }

        return new(choices.DrainToImmutable(), unknown.DrainToImmutable());
    }

    /// <summary>As <see cref="Resolve"/>, for a new environment.</summary>
    /// <exception cref="ValidationException">An entry is not in here, or they are of different CPU architectures.</exception>
    public InstanceSelection ResolveNew(IReadOnlyList<string> instanceTypes)
    {
        var selection = Resolve(instanceTypes);
        if (selection.Unknown is [var unknown, ..])
        {
            throw new ValidationException($"Instance type {unknown} is not valid: the instance catalogue has no such size, family or bundle.");
        }

        return selection.Architectures.Length > 1
            ? throw new ValidationException("instanceTypes of different CPU architectures can not be mixed.")
            : selection;
    }

    private ImmutableArray<InstanceType> Of(string name, HashSet<string> singly)
    {
        if (_byName.TryGetValue(name, out var type))
        {
            return [type];
        }

        if (Bundles.TryGetValue(name, out var families))
        {
            return [.. families.SelectMany(family => OfFamily(family, singly))];
        }

        return _byFamily.ContainsKey(name) ? [.. OfFamily(name, singly)] : default;
    }

    private IEnumerable<InstanceType> OfFamily(string family, HashSet<string> singly) =>
        _byFamily.GetValueOrDefault(family, []).Where(type => !type.IsMetal && !singly.Contains(type.Name));

    private static InstanceCatalogue ReadEmbedded()
    {
        using var stream = typeof(InstanceCatalogue).Assembly.GetManifestResourceStream("OrleansBatch.Core.instance-catalogue.json")!;
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return InstanceCatalogueReader.Read(memory.ToArray());
    }
}

/// <summary>What an environment's instanceTypes stand for.</summary>
/// <param name="Choices">The types, in the order of the list.</param>
/// <param name="Unknown">Entries that the catalogue does not have.</param>
public sealed record InstanceSelection(ImmutableArray<InstanceChoice> Choices, ImmutableArray<string> Unknown)
{
    /// <summary>The CPU architectures of its types; more than one is not allowed.</summary>
    public ImmutableArray<CpuArchitecture> Architectures => [.. Choices.Select(choice => choice.Type.Architecture).Distinct().Order()];
}

/// <summary>A type that an environment may use.</summary>
/// <param name="Type">The type.</param>
/// <param name="Place">The index of the entry in instanceTypes that it comes from: the sizes of one family share it.</param>
public sealed record InstanceChoice(InstanceType Type, int Place);
