namespace OrleansBatch.Client.Transports;

/// <summary>Who signs the requests.</summary>
/// <param name="AccessKeyId">From AWS_ACCESS_KEY_ID.</param>
/// <param name="SecretAccessKey">From AWS_SECRET_ACCESS_KEY.</param>
/// <param name="SessionToken">From AWS_SESSION_TOKEN; null: none.</param>
public sealed record Credentials(string AccessKeyId, string SecretAccessKey, string? SessionToken)
{
    /// <summary>Those of the environment; null when it has none.</summary>
    public static Credentials? From(Func<string, string?> environment) =>
        environment("AWS_ACCESS_KEY_ID") is { Length: > 0 } id && environment("AWS_SECRET_ACCESS_KEY") is { Length: > 0 } secret
            ? new(id, secret, environment("AWS_SESSION_TOKEN") is { Length: > 0 } token ? token : null)
            : null;
}
