using System.Globalization;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.ComputeEnvironments;

/// <summary>Which hosts a listing means.</summary>
/// <param name="Environment">The environment's name.</param>
/// <param name="HasLive">Whether those that are there are listed: on the first page.</param>
/// <param name="Ended">How many that have ended, at most.</param>
/// <param name="After">Of the page before: when its last host was launched, in epoch milliseconds, and its id.</param>
public sealed record HostListing(string Environment, bool HasLive, int Ended, (long LaunchedAt, string HostId)? After)
{
    private const int Usual = 100;
    private const int Most = 1_000;

    /// <summary>Checks a request.</summary>
    /// <exception cref="BatchClientException">A value that is not allowed.</exception>
    public static HostListing Of(ListHostsRequest request, Scope scope)
    {
        if (request.MaxResults is < 1 or > Most)
        {
            throw new BatchClientException($"maxResults is {request.MaxResults}, it must be between 1 and {Most}.");
        }

        return new(
            ComputeEnvironmentRules.NameOf(request.ComputeEnvironment, scope),
            HasLive: request.NextToken is null,
            Ended: request.History == false ? 0 : request.MaxResults ?? Usual,
            request.NextToken is null ? null : Parse(request.NextToken));
    }

    /// <summary>The token of the next page.</summary>
    public static string Token(DateTimeOffset launchedAt, string hostId) =>
        string.Create(CultureInfo.InvariantCulture, $"{launchedAt.ToUnixTimeMilliseconds()}:{hostId}");

    private static (long, string) Parse(string token) =>
        token.Split(':') is [var at, var host] && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var launchedAt)
            ? (launchedAt, host)
            : throw new BatchClientException("nextToken is not one that this service gave.");
}
