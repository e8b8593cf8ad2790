using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime.Hosting;
using Orleans.Serialization.Serializers;
using Orleans.Storage;
using OrleansBatch.Grains;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Storage.PostgreSql;

/// <summary>Keeps everything in one PostgreSQL database, which all silos of a cluster share.</summary>
public static class PostgresStoresExtensions
{
    /// <summary>The ADO.NET name of Npgsql, as Orleans knows it.</summary>
    internal const string Invariant = "Npgsql";

    /// <summary>Jobs, job definitions, epochs and configuration in this database. It is opened, and its schema made, when first needed, and closed with the container.</summary>
    /// <param name="services">The silo's services.</param>
    /// <param name="connectionString">As Npgsql takes it: the pool, <c>SSL Mode=VerifyFull</c> and all else are as it says.</param>
    public static IServiceCollection AddPostgresStores(this IServiceCollection services, string connectionString)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => PostgresDatabase.OpenAsync(
                connectionString, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PostgresDatabase>>(), CancellationToken.None)
            .GetAwaiter()
            .GetResult());
        services.AddSingleton<IJobStore, PostgresJobStore>();
        services.AddSingleton<IJobDefinitionStore, PostgresJobDefinitionStore>();
        services.AddSingleton<ILogStore, PostgresLogStore>();
        services.AddSingleton<IShippedLogStore, PostgresShippedLogStore>();
        services.AddSingleton<IEventStore, PostgresEventStore>();
        services.AddSingleton<IWebhookStore, PostgresWebhookStore>();
        services.AddSingleton<IConsumableStore, PostgresConsumableStore>();
        services.AddSingleton<IHostStore, PostgresHostStore>();
        services.AddSingleton<INodeStore, PostgresNodeStore>();
        services.AddGrainStorage(StorageNames.Configuration, (provider, name) => GrainStorage(
            provider.GetRequiredService<PostgresDatabase>(),
            provider.GetRequiredService<IActivatorProvider>(),
            provider.GetRequiredService<IOptions<ClusterOptions>>(),
            provider.GetRequiredService<ILogger<AdoNetGrainStorage>>(),
            name));
        return services;
    }

    /// <inheritdoc cref="AddPostgresStores(IServiceCollection, string)"/>
    public static ISiloBuilder AddPostgresStores(this ISiloBuilder silo, string connectionString)
    {
        silo.Services.AddPostgresStores(connectionString);
        return silo;
    }

    /// <summary>Silos find each other in this database. Its tables are made by <see cref="AddPostgresStores(IServiceCollection, string)"/>, before they are asked for.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="connectionString">As Npgsql takes it.</param>
    public static ISiloBuilder UsePostgresClustering(this ISiloBuilder silo, string connectionString)
    {
        silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Invariant, connectionString));
        // Membership reads its statements as the silo starts: the tables must be there by then.
        silo.Services.AddOptions<AdoNetClusteringSiloOptions>().PostConfigure<PostgresDatabase>((_, _) => { });
        return silo;
    }

    /// <summary>The grain storage on a database.</summary>
    internal static PostgresGrainStorage GrainStorage(
        PostgresDatabase database, IActivatorProvider activators, IOptions<ClusterOptions> cluster, ILogger<AdoNetGrainStorage> logger, string name)
    {
        var options = new AdoNetGrainStorageOptions
        {
            Invariant = Invariant,
            DataSource = database.Source,
            GrainStorageSerializer = new GrainStateSerializer(),
            // Nothing of what is deleted stays, and a state that begins anew has a version that it never had.
            DeleteStateOnClear = true,
        };
        return new(new(activators, logger, Options.Create(options), cluster, name), database.Fault);
    }
}
