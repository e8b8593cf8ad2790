using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using OrleansBatch.AgentProtocol;
using OrleansBatch.Certificates;

namespace OrleansBatch.Silo.Agents;

/// <summary>The port at which agents arrive: nothing else is behind it, and they are behind no other.</summary>
internal static class AgentDoor
{
    private static readonly TimeSpan Ping = TimeSpan.FromSeconds(10);

    /// <summary>Opens the port.</summary>
    /// <param name="kestrel">The server.</param>
    /// <param name="port">0: any that is free.</param>
    /// <param name="identity">This silo's certificate and authority. Null: no TLS, on loopback only.</param>
    public static void ListenForAgents(this KestrelServerOptions kestrel, int port, PrivateIdentity? identity)
    {
        // An agent that is frozen, or whose machine is gone, is let go; its lease is another matter.
        kestrel.Limits.Http2.KeepAlivePingDelay = Ping;
        kestrel.Limits.Http2.KeepAlivePingTimeout = Ping;
        kestrel.Listen(identity is null ? IPAddress.Loopback : IPAddress.Any, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (identity is not null)
            {
                listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(identity.AsServer(Role.Node)) });
            }

            listen.Use(next => connection =>
            {
                connection.Features.Set<Mark>(new());
                return next(connection);
            });
        });
    }

    /// <summary>What the port needs.</summary>
    public static void AddAgentDoor(this IServiceCollection services)
    {
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = ProtocolLimits.LargestMessage;
            grpc.MaxSendMessageSize = ProtocolLimits.LargestMessage;
        });
        services.AddSingleton<INodes, ClusterNodes>();
        services.AddSingleton<AgentGatewayService>();
    }

    /// <summary>Puts the service behind the port. Before anything else is mapped.</summary>
    public static void MapAgentDoor(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            var isForAgents = context.Request.Path.StartsWithSegments($"/{AgentGateway.Descriptor.FullName}", StringComparison.Ordinal);
            if (isForAgents == (context.Features.Get<Mark>() is not null))
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        app.MapGrpcService<AgentGatewayService>();
    }

    /// <summary>On connections that came through this port.</summary>
    private sealed class Mark;
}
