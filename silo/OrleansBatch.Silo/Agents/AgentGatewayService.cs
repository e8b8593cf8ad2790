using Grpc.Core;
using OrleansBatch.AgentProtocol;
using OrleansBatch.Certificates;

namespace OrleansBatch.Silo.Agents;

/// <summary>Where agents on other machines arrive: one stream each, which ends in this silo while the node's grain may live in another.</summary>
internal sealed class AgentGatewayService(INodes nodes, IHostApplicationLifetime lifetime, ILogger<RemoteAgent> logger) : AgentGateway.AgentGatewayBase
{
    /// <inheritdoc/>
    public override async Task Session(IAsyncStreamReader<AgentMessage> requestStream, IServerStreamWriter<SiloMessage> responseStream, ServerCallContext context)
    {
        // Null without TLS. With it, there is no connection without a certificate of the authority.
        var name = context.GetHttpContext().Connection.ClientCertificate is { } certificate ? PrivateIdentity.NameOf(certificate) : null;

        // A silo that stops lets go of its agents at once: they go to another.
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var agent = new RemoteAgent(nodes, name, responseStream, over, logger);
        await agent.RunAsync(requestStream);
    }
}
