using System.Reflection;
using Microsoft.Extensions.Options;
using Orleans.Serialization;
using Orleans.Serialization.Configuration;
using Orleans.Serialization.TypeSystem;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;

namespace OrleansBatch.Client.Transports;

/// <summary>Loads the types that Orleans serializes, and their names, while the client that will ask for them is still put together on another core.</summary>
/// <remarks>A fifth of a start over a gateway is this. What is loaded stays loaded in the process, so doing it early changes nothing but the time.</remarks>
internal static class SerializerTypes
{
    /// <summary>Loads them.</summary>
    public static void Load()
    {
        var types = new TypeManifestOptions();
        foreach (var assembly in new[] { typeof(Serializer), typeof(GrainId), typeof(Orleans.Configuration.ClusterOptions), typeof(Scope), typeof(IJobsGrain) }.Select(type => type.Assembly))
        {
            foreach (var provider in assembly.GetCustomAttributes<TypeManifestProviderAttribute>())
            {
                (Activator.CreateInstance(provider.ProviderType) as IConfigureOptions<TypeManifestOptions>)?.Configure(types);
            }
        }

        foreach (var type in types.Serializers.Concat(types.Copiers).Concat(types.Interfaces).Concat(types.InterfaceProxies))
        {
            _ = RuntimeTypeNameFormatter.Format(type);
        }
    }
}
