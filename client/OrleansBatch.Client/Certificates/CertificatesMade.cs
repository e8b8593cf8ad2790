using System.Text.Json.Serialization;

namespace OrleansBatch.Client.Certificates;

/// <summary>What was made.</summary>
internal sealed record CertificatesMade
{
    /// <summary>Who issued it.</summary>
    public required AuthorityMade Authority { get; init; }

    /// <summary>One for each that was asked for.</summary>
    public required IReadOnlyList<CertificateMade> Certificates { get; init; }
}

/// <summary>The authority.</summary>
internal sealed record AuthorityMade
{
    /// <summary>The file that everybody needs.</summary>
    public required string Certificate { get; init; }

    /// <summary>The file that nobody else may see.</summary>
    public required string Key { get; init; }

    /// <summary>Whether it was made now.</summary>
    public required bool IsNew { get; init; }

    /// <summary>When all that it issued ends.</summary>
    public required DateTimeOffset ValidUntil { get; init; }
}

/// <summary>One certificate.</summary>
internal sealed record CertificateMade
{
    /// <summary><c>silo</c>, <c>node</c> or <c>client</c>.</summary>
    public required string Role { get; init; }

    /// <summary>The common name: of a node its id.</summary>
    public required string Name { get; init; }

    /// <summary>Where a silo is found.</summary>
    public required IReadOnlyList<string> Hosts { get; init; }

    /// <summary>The file.</summary>
    public required string Certificate { get; init; }

    /// <summary>The file with its key.</summary>
    public required string Key { get; init; }

    /// <summary>When it ends.</summary>
    public required DateTimeOffset ValidUntil { get; init; }
}

/// <summary>Both as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CertificatesMade))]
internal sealed partial class CertificatesJson : JsonSerializerContext;
