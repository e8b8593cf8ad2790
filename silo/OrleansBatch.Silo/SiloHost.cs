using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using OrleansBatch.Agent;
using OrleansBatch.Api;
using OrleansBatch.Core.Nodes;
using OrleansBatch.Grains;
using OrleansBatch.Grains.Logs;
using OrleansBatch.Silo.Agents;
using OrleansBatch.Silo.Clustering;
using OrleansBatch.Silo.FirstStart;
using OrleansBatch.Silo.Options;
using OrleansBatch.Storage.PostgreSql;
using OrleansBatch.Storage.Sqlite;
using Serilog;

namespace OrleansBatch.Silo;

/// <summary>Puts the parts together and runs them.</summary>
internal static class SiloHost
{
    private static readonly TimeSpan ShutdownPatience = TimeSpan.FromSeconds(10);

    /// <summary>Runs until it is told to stop.</summary>
    /// <param name="given">Settings that go before all others.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="StartException">It cannot start; the message says why.</exception>
    public static async Task RunAsync(Dictionary<string, string?> given, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(given);
        var options = Bind(builder);
        using var folder = options.IsCluster ? null : DataFolder.Take(options.Data);
        options.GatewayPort = GatewayPort.Choose(options.GatewayPort, options.IsCluster ? IPAddress.Parse(options.Address) : IPAddress.Loopback);
        Section(builder)[nameof(BatchOptions.GatewayPort)] = options.GatewayPort.Value.ToString(CultureInfo.InvariantCulture);
        Configure(builder, options);

        await using var app = builder.Build();
        if (options.AgentPort is not null)
        {
            app.MapAgentDoor();
        }

        app.MapBatchApi();
        app.MapHealth();
        app.MapPrometheusScrapingEndpoint();
        var starter = app.Services.GetRequiredService<Starter>();
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException exception)
        {
            throw new StartException($"Port {options.Port} cannot be used: {exception.Message} Choose another with --port, or --port 0 for a free one.");
        }

        await starter.WelcomeAsync(Endpoint(app), options.AgentPort is null ? null : Port(app, 1), app.Lifetime.ApplicationStopping);
        await app.WaitForShutdownAsync(cancellationToken);
    }

    private static BatchOptions Bind(WebApplicationBuilder builder)
    {
        var section = Section(builder);
        builder.Services.AddOptions<BatchOptions>().Bind(section).ValidateDataAnnotations().ValidateOnStart();
        try
        {
            var options = section.Get<BatchOptions>() ?? new();
            options.Data = Path.GetFullPath(options.Data);
            section[nameof(BatchOptions.Data)] = options.Data;
            OptionsCheck.Check(options);
            return options;
        }
        catch (InvalidOperationException exception)
        {
            throw new StartException($"A setting cannot be read: {exception.Message}");
        }
    }

    private static IConfigurationSection Section(WebApplicationBuilder builder) => builder.Configuration.GetSection(BatchOptions.Section);

    private static void Configure(WebApplicationBuilder builder, BatchOptions options)
    {
        var identity = Identity.Of(options);
        builder.Services.AddSerilog((_, logger) => logger
            .ReadFrom.Configuration(builder.Configuration)
            .WriteTo.Console(
                outputTemplate: "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}",
                formatProvider: System.Globalization.CultureInfo.InvariantCulture));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.StopJobs ? TimeSpan.FromMinutes(1) : ShutdownPatience);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // UntagResource has 50 keys of 128 characters in its path, at most nine bytes each when they are encoded.
            kestrel.Limits.MaxRequestLineSize = 64 * 1024;
            kestrel.Limits.MaxRequestBufferSize = 1024 * 1024;
            if (options.Listen is { } listen)
            {
                kestrel.Listen(IPAddress.Parse(listen), options.Port);
            }
            else if (options.Port == 0)
            {
                kestrel.Listen(IPAddress.Loopback, 0);
            }
            else
            {
                kestrel.ListenLocalhost(options.Port);
            }

            if (options.AgentPort is { } agentPort)
            {
                kestrel.ListenForAgents(agentPort, identity);
            }
        });
        builder.UseOrleans(silo =>
        {
            if (Telemetry.HasCollector(builder.Configuration))
            {
                silo.AddActivityPropagation();
            }

            if (options.IsCluster)
            {
                silo.UseCluster(options).AddPostgresStores(options.Database!).UsePostgresClustering(options.Database!);
            }
            else
            {
                silo.UseOneMachine(options).AddSqliteStores(options.DatabasePath);
            }

            silo.UsePrivateTls(identity);
        });
        builder.AddTelemetry();

        var services = builder.Services;
        if (options.AgentPort is not null)
        {
            services.AddAgentDoor();
        }

        services.AddSingleton(CapacityModels.Of(options));
        services.AddSingleton(new NodeLeaseOptions { Grace = options.NodeGrace, Margin = options.NodeMargin });
        services.AddSingleton(new ShippedLogOptions { MostBytes = options.ShippedLogMiB * 1024L * 1024, Keep = TimeSpan.FromDays(options.ShippedLogDays) });
        services.AddBatchGrains();
        services.AddBatchApi(api =>
        {
            api.Account = options.Account;
            api.DefaultRegion = options.Region;
        });
        if (options.KillAt is { } point)
        {
            services.AddSingleton<IFailpoints>(new KillingFailpoints(point, options.KillAtCount));
        }

        if (!options.IsCluster)
        {
            services.AddSingleton(provider => new NodeAgent(
                AgentSettings(options),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<NodeAgent>>()));
            services.AddSingleton<LocalAgent>();
        }

        services.AddSingleton<Readiness>();
        services.AddSingleton<DefaultResources>();
        services.AddSingleton<Sample>();
        services.AddSingleton<Starter>();
        services.AddHostedService(provider => provider.GetRequiredService<Starter>());
    }

    private static AgentOptions AgentSettings(BatchOptions options)
    {
        var agent = new AgentOptions
        {
            DataDirectory = options.Data,
            LogDirectory = options.LogDirectory,
            SupervisorPath = AgentOptions.BuiltSupervisorPath,
            EnforceLimits = !options.NoLimits,
            MostProcesses = options.JobProcesses,
            Gpus = options.Gpus,
        };
        foreach (var (name, value) in options.JobEnvironment)
        {
            agent.Environment[name] = value;
        }

        return agent;
    }

    /// <summary>The endpoint as a client is told it, with the port that was really taken.</summary>
    private static Uri Endpoint(WebApplication app)
    {
        var bound = Bound(app, 0);
        var isOneAddress = IPAddress.TryParse(bound.Host, out var host) && !host.Equals(IPAddress.Any) && !host.Equals(IPAddress.IPv6Any);
        return new($"http://{(isOneAddress ? bound.Host : "127.0.0.1")}:{bound.Port}");
    }

    private static int Port(WebApplication app, int index) => Bound(app, index).Port;

    /// <summary>The addresses are in the order in which they were asked for.</summary>
    private static BindingAddress Bound(WebApplication app, int index) =>
        BindingAddress.Parse(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ElementAt(index));
}
