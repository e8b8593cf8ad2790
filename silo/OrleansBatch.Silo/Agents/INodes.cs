using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.Nodes;

namespace OrleansBatch.Silo.Agents;

/// <summary>The grains of nodes, as far as their agents may reach them.</summary>
internal interface INodes
{
    /// <summary>One node's.</summary>
    INodeGrain Of(string nodeId);

    /// <summary>Makes a connection known to grains in any silo. It must be kept alive by who made it.</summary>
    INodeConnection Publish(INodeConnection connection);

    /// <summary>Nobody can call it any more.</summary>
    void Withdraw(INodeConnection published);
}

/// <summary>Those of the cluster.</summary>
internal sealed class ClusterNodes(IGrainFactory grains) : INodes
{
    public INodeGrain Of(string nodeId) => grains.Refer<INodeGrain>(nodeId);

    public INodeConnection Publish(INodeConnection connection) => grains.CreateObjectReference<INodeConnection>(connection);

    public void Withdraw(INodeConnection published) => grains.DeleteObjectReference<INodeConnection>(published);
}
