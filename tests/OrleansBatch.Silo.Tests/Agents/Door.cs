using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansBatch.Certificates;
using OrleansBatch.Silo.Agents;

namespace OrleansBatch.Silo.Tests.Agents;

/// <summary>A silo's two ports, its API's and its agents', without a silo.</summary>
internal sealed class Door : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Door(WebApplication app, PrivateIdentity? identity)
    {
        _app = app;
        int[] ports = [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address).Port)];
        Api = new($"http://localhost:{ports[0]}");
        Agents = new($"{(identity is null ? "http" : "https")}://localhost:{ports[1]}");
    }

    public Uri Api { get; }

    public Uri Agents { get; }

    public static async Task<Door> OpenAsync(INodes nodes, PrivateIdentity? identity)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.ListenForAgents(0, identity);
        });
        builder.Services.AddAgentDoor();
        builder.Services.AddSingleton(nodes);
        var app = builder.Build();
        app.MapAgentDoor();
        app.MapGet("/healthz", () => "well");
        await app.StartAsync();
        return new(app, identity);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
