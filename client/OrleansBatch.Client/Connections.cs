using System.CommandLine;
using OrleansBatch.Client.Commands;
using OrleansBatch.Client.Output;
using OrleansBatch.Client.Transports;
using OrleansBatch.Model;

namespace OrleansBatch.Client;

/// <summary>Chooses the way to the scheduler by options and environment, and opens it.</summary>
/// <param name="terminal">The environment.</param>
/// <param name="begun">A connection that has begun already, and belongs to whoever began it; null: none.</param>
internal sealed class Connections(Terminal terminal, GatewayConnection? begun) : IAsyncDisposable
{
    private const string DefaultEndpoint = "http://127.0.0.1:8000";
    private const string DefaultRegion = "us-east-1";
    private const string DefaultAccount = "123456789012";

    private IBatchClient? _client;
    private IAsyncDisposable? _own;

    /// <summary>The client that a command line asks for.</summary>
    /// <exception cref="UsageException">It asks for what cannot be.</exception>
    public IBatchClient Open(ParseResult parsed, GlobalOptions options) =>
        _client ??= GatewayOf(parsed, options) is { } gateway ? OverGateway(gateway, parsed, options) : OverHttp(parsed, options);

    public async ValueTask DisposeAsync()
    {
        if (_own is not null)
        {
            await _own.DisposeAsync();
        }
    }

    private string? GatewayOf(ParseResult parsed, GlobalOptions options)
    {
        if (parsed.GetValue(options.Gateway) is { } gateway)
        {
            return parsed.GetValue(options.Endpoint) is null
                ? gateway
                : throw new UsageException("--endpoint and --gateway are two ways to the same scheduler: give one of them.");
        }

        return parsed.GetValue(options.Endpoint) is null ? Variable(EarlyGateway.Variable) : null;
    }

    private GatewayBatchClient OverGateway(string gateway, ParseResult parsed, GlobalOptions options)
    {
        _ = GatewayConnection.Parse(gateway);
        var clusterId = parsed.GetValue(options.ClusterId) ?? Variable(EarlyGateway.ClusterVariable) ?? GatewayConnection.DefaultClusterId;
        if (!GatewayConnection.IsClusterId(clusterId))
        {
            throw new UsageException($"'{clusterId}' is not the id of a cluster: expected 1 to 64 letters, digits and dashes.");
        }

        var identity = GatewayIdentity.Read(
            parsed.GetValue(options.Authority) ?? Variable(GatewayIdentity.AuthorityVariable),
            parsed.GetValue(options.Certificate) ?? Variable(GatewayIdentity.CertificateVariable),
            parsed.GetValue(options.Key) ?? Variable(GatewayIdentity.KeyVariable));
        var connection = begun;
        if (connection?.Address != gateway || connection.ClusterId != clusterId || identity is not null)
        {
            connection = GatewayConnection.Begin(gateway, clusterId, identity);
            _own = connection;
        }

        return new(connection, new Scope(parsed.GetValue(options.Account) ?? DefaultAccount, RegionOf(parsed, options)));
    }

    private HttpBatchClient OverHttp(ParseResult parsed, GlobalOptions options)
    {
        var text = parsed.GetValue(options.Endpoint) ?? Variable("AWS_ENDPOINT_URL_BATCH") ?? Variable("AWS_ENDPOINT_URL") ?? DefaultEndpoint;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https"))
        {
            throw new UsageException($"'{text}' is not an endpoint: expected a URL such as {DefaultEndpoint}.");
        }

        var client = new HttpBatchClient(endpoint, RegionOf(parsed, options), Credentials.From(terminal.Environment), terminal.Time);
        _own = client;
        return client;
    }

    private string RegionOf(ParseResult parsed, GlobalOptions options) =>
        parsed.GetValue(options.Region) ?? Variable("AWS_REGION") ?? Variable("AWS_DEFAULT_REGION") ?? DefaultRegion;

    private string? Variable(string name) => terminal.Environment(name) is { Length: > 0 } value ? value : null;
}
