namespace OrleansBatch.Model;

/// <summary>The account and region that everything belongs to. Nothing is seen across scopes.</summary>
/// <remarks>The account is that of the caller's key, the region the one in the request's signature.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansBatch.Scope")]
public sealed record Scope([property: Id(0)] string Account, [property: Id(1)] string Region)
{
    /// <summary>The scope as one text, <c>account/region</c>: the first part of every grain key and table key.</summary>
    public string Key => $"{Account}/{Region}";

    /// <summary>The ARN partition that the region lies in.</summary>
    public string Partition =>
        Region.StartsWith("cn-", StringComparison.Ordinal) ? "aws-cn"
        : Region.StartsWith("us-gov-", StringComparison.Ordinal) ? "aws-us-gov"
        : "aws";

    /// <summary>Reads <see cref="Key"/> back.</summary>
    /// <exception cref="FormatException">The text is not <c>account/region</c>.</exception>
    public static Scope Parse(string key) =>
        key.Split('/') is [{ Length: > 0 } account, { Length: > 0 } region]
            ? new(account, region)
            : throw new FormatException($"'{key}' is not a scope: expected account/region.");

    /// <inheritdoc/>
    public override string ToString() => Key;
}

/// <summary>A named thing inside its scope: the key of every grain of configuration.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ScopedName")]
public sealed record ScopedName([property: Id(0)] Scope Scope, [property: Id(1)] string Name)
{
    /// <summary>The key as one text, <c>account/region/name</c>.</summary>
    public string Key => $"{Scope.Key}/{Name}";

    /// <summary>Reads <see cref="Key"/> back.</summary>
    /// <exception cref="FormatException">The text is not <c>account/region/name</c>.</exception>
    public static ScopedName Parse(string key) =>
        key.Split('/', 3) is [{ Length: > 0 } account, { Length: > 0 } region, { Length: > 0 } name]
            ? new(new(account, region), name)
            : throw new FormatException($"'{key}' is not a scoped name: expected account/region/name.");

    /// <inheritdoc/>
    public override string ToString() => Key;
}
