using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Orleans.Runtime.Hosting;
using Orleans.Serialization.Serializers;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>Keeps everything in one SQLite file.</summary>
public static class SqliteStoresExtensions
{
    /// <summary>The name of the grain storage for configuration.</summary>
    public const string ConfigurationStorage = "configuration";

    /// <summary>Jobs, job definitions, epochs and configuration in this file. It is opened when first needed and closed with the container.</summary>
    /// <param name="services">The silo's services.</param>
    /// <param name="path">The file; its folder must exist.</param>
    public static IServiceCollection AddSqliteStores(this IServiceCollection services, string path)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => SqliteDatabase.Open(
            path, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SqliteDatabase>>()));
        services.AddSingleton<IJobStore, SqliteJobStore>();
        services.AddSingleton<IJobDefinitionStore, SqliteJobDefinitionStore>();
        services.AddSingleton<ILogStore, SqliteLogStore>();
        services.AddSingleton<IShippedLogStore, SqliteShippedLogStore>();
        services.AddSingleton<IEventStore, SqliteEventStore>();
        services.AddSingleton<IWebhookStore, SqliteWebhookStore>();
        services.AddSingleton<IConsumableStore, SqliteConsumableStore>();
        services.AddSingleton<IHostStore, SqliteHostStore>();
        services.AddSingleton<INodeStore, SqliteNodeStore>();
        services.AddGrainStorage(ConfigurationStorage, (provider, _) => new SqliteGrainStorage(
            provider.GetRequiredService<SqliteDatabase>(), provider.GetRequiredService<IActivatorProvider>()));
        return services;
    }

    /// <inheritdoc cref="AddSqliteStores(IServiceCollection, string)"/>
    public static ISiloBuilder AddSqliteStores(this ISiloBuilder silo, string path)
    {
        silo.Services.AddSqliteStores(path);
        return silo;
    }
}
