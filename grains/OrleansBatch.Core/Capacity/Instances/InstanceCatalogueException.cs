namespace OrleansBatch.Core.Capacity.Instances;

/// <summary>A catalogue of instance types cannot be used. The operator must mend the file.</summary>
/// <param name="entry">Which entry, such as <c>instanceTypes[3] (m5.large)</c>; empty for the file as a whole.</param>
/// <param name="field">Which of its fields; empty for the entry as a whole.</param>
/// <param name="problem">What is wrong with it, with its value.</param>
public sealed class InstanceCatalogueException(string entry, string field, string problem)
    : Exception($"Instance catalogue: {string.Join(", ", new[] { entry, field }.Where(part => part.Length > 0))}{(entry.Length + field.Length > 0 ? ": " : "")}{problem}")
{
    /// <summary>Such as <c>instanceTypes[3] (m5.large)</c>; empty for the file as a whole.</summary>
    public string Entry { get; } = entry;

    /// <summary>Such as <c>vcpus</c>; empty for the entry as a whole.</summary>
    public string Field { get; } = field;
}
